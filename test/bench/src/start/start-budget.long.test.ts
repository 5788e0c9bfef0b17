import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { benchModel, cannedAnswers } from "../servers/canned.ts";
import { buildCore } from "./build-core.ts";

interface Load {
  readonly url: string;
  readonly bytes: number;
}

/** A folder from which core's dependencies are found, and which is not `dist`. */
const folder = new URL("../../../../packages/core/node_modules/.start-budget/", import.meta.url);
const { short } = cannedAnswers();
const server = createServer((request, response) => {
  void (async () => {
    const isStream = (await text(request)).includes('"stream":true');
    const type = isStream ? "text/event-stream" : "application/json";
    response.writeHead(200, { "content-type": type }).end(isStream ? short.stream : short.whole);
  })();
});

/** What a program of this folder loads until its first answer. */
async function loadsOf(program: string): Promise<readonly Load[]> {
  const { port } = server.address() as AddressInfo;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--import",
      new URL("count-loads.mjs", import.meta.url).href,
      fileURLToPath(new URL(program, import.meta.url)),
      `http://127.0.0.1:${port}/v1`,
      "sk-or-v1-none",
      benchModel,
      "silent",
    ],
    {
      env: { ...process.env, NODE_OPTIONS: "", BUILT_CORE: new URL("index.js", folder).href },
      maxBuffer: 2 ** 24,
    },
  );
  return JSON.parse(stdout.split("\n").at(-1) ?? "") as Load[];
}

let chatOpenAI: readonly Load[];
let orchestra: readonly Load[];
let own: readonly Load[];

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await Promise.all([
    once(server, "listening"),
    buildCore("--no-dts", "--out-dir", fileURLToPath(folder)),
  ]);
  [chatOpenAI, orchestra] = await Promise.all([
    loadsOf("chat-openai.mjs"),
    loadsOf("orchestra.mjs"),
  ]);
  own = orchestra.filter(({ url }) => url.startsWith(folder.href));
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

// Time and memory depend on the machine. The loaded files do not, and they determine most of both.
describe("until its first answer, a process with Orchestra loads", () => {
  test("at most 23 files that ChatOpenAI does not load", () => {
    const known = new Set(chatOpenAI.map(({ url }) => url));
    const added = orchestra.map(({ url }) => url).filter((url) => !known.has(url));
    expect(added.slice(23)).toEqual([]);
  });

  test("at most 1.14 times the bytes", () => {
    const bytesOf = (loads: readonly Load[]) => loads.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(bytesOf(orchestra) / bytesOf(chatOpenAI)).toBeLessThanOrEqual(1.14);
  });
});

test("all files of core have only characters that V8 stores in one byte", async () => {
  expect(own.length).toBeGreaterThan(0);
  const codes = await Promise.all(own.map(({ url }) => readFile(new URL(url), "utf8")));
  expect(codes.flatMap((code) => code.match(/[\u0100-\uffff]/g) ?? [])).toEqual([]);
});
