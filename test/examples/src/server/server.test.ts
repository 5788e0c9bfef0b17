import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Orchestra } from "@orchestra/core";
import { serve } from "@orchestra/server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openOnPglite } from "../../../../packages/runtime/src/test-support/databases.ts";
import {
  startRunServer,
  type RunServer,
} from "../../../../packages/server/src/test-support/start-run-server.ts";
import { runExample } from "../run-example.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/server.md"), "utf8");
const blocks = [...page.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, code = ""]) => code);
const curls = blocks.filter((code) => /\bcurl\b/.test(code));

/** Runs a program beside a server, as `orchestra serve` starts it. */
async function runWithServer(load: (url: string) => Promise<unknown>) {
  return runExample(async () => {
    const environment = { ...process.env, AGENT_MODEL_MAP: '{"researcher":"openai/gpt-4o-mini"}' };
    const orchestra = new Orchestra({ environment });
    await using server = await serve({ orchestra, port: 0, graceMs: 0, environment: {} });
    vi.stubEnv("OPENAI_BASE_URL", server.url);
    vi.stubEnv("OPENAI_API_KEY", "a-key-of-one-team-0123");
    await load(server.url);
  });
}

describe("the programs of docs/server.md", () => {
  test("in-code answers, and stops", async () => {
    const { printed } = await runExample(() => import("./in-code.ts"));
    expect(printed).toEqual([[200, "1"]]);
  });

  test.each([
    ["chat", () => import("./chat.ts")],
    ["stream", () => import("./stream.ts")],
    ["langchain", () => import("./langchain.ts")],
    ["responses", () => import("./responses.ts")],
    ["openrouter-sdk", () => import("./openrouter-sdk.ts")],
    ["ai-sdk", () => import("./ai-sdk.ts")],
    ["openai-agents", () => import("./openai-agents.ts")],
  ])("%s prints an answer of the role's model", async (_, load) => {
    const { printed, sandbox } = await runWithServer(load);
    expect(printed.flat().join("")).toMatch(/./);
    expect(sandbox.books.entries).toMatchObject([{ body: { model: "openai/gpt-4o-mini" } }]);
  });

  test("errors prints what the role most likely is", async () => {
    const { printed } = await runWithServer(() => import("./errors.ts"));
    expect(printed).toEqual([
      [404, "model_not_found", expect.stringContaining("Did you mean researcher?")],
    ]);
  });
});

describe("the commands of docs/server.md", () => {
  let served: RunServer;

  beforeAll(async () => {
    served = await startRunServer({ database: await openOnPglite() });
    await served.work();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  test.each(curls)("%s", async (code) => {
    const command = code.replaceAll("http://127.0.0.1:8080", new URL(served.url).origin);
    const { stdout } = await promisify(execFile)("bash", ["-c", `set -e\n${command}`]);
    expect(stdout).toMatch(/"object":|"status":"succeeded"|"openapi":|^HTTP\/1.1 200/);
  });

  test("are several", () => {
    expect(curls.length).toBeGreaterThan(3);
  });
});
