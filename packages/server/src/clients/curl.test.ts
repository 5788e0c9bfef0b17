import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { question } from "../test-support/client.ts";
import { argumentDeltas, callOfFind, endless } from "../test-support/replies.ts";
import {
  startServerAt,
  startTestServer,
  type TestServer,
} from "../test-support/start-test-server.ts";
import { startUpstream } from "../test-support/start-upstream.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({
    environment: { AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}' },
  });
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

function optionsOf(url: string, fields: object): string[] {
  const body = JSON.stringify({ agent_type: "writer", ...question, ...fields });
  return ["-sN", `${url}/chat/completions`, "-H", "content-type: application/json", "-d", body];
}

async function curl(url: string, fields: object, ...options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("curl", [...optionsOf(url, fields), ...options]);
  return stdout;
}

test("a completion", async () => {
  expect(JSON.parse(await curl(t.url, {}))).toMatchObject({
    choices: [{ message: { content: expect.stringContaining("1871") } }],
  });
});

test("a stream, with its headers", async () => {
  const text = await curl(t.url, { stream: true }, "-i");
  expect(text).toMatch(/^HTTP\/1\.1 200/);
  expect(text).toMatch(/^x-orchestra-attempts: 1/m);
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("structured output", async () => {
  const answer = await curl(t.url, { response_format: { type: "json_object" } });
  const { choices } = JSON.parse(answer) as {
    readonly choices: readonly { readonly message: { readonly content: string } }[];
  };
  expect(JSON.parse(choices[0]?.message.content ?? "")).toBeTypeOf("object");
});

test("tools: the deltas of arguments are those of the model, byte by byte", async () => {
  await using upstream = await startUpstream(callOfFind);
  await using other = await startServerAt(upstream.url);
  const tools = [{ type: "function", function: { name: "find" } }];
  const fields = { agent_type: undefined, model: "openai/gpt-4o", tools, stream: true };
  const text = await curl(other.url, fields);
  for (const delta of argumentDeltas) {
    expect(text).toContain(`"function":{"arguments":${JSON.stringify(delta)}}`);
  }
});

test("an error, by its status", async () => {
  const fields = { agent_type: "wrtier" };
  await expect(curl(t.url, fields, "--fail")).rejects.toMatchObject({ code: 22 });
});

test("a curl that is ended ends the request upstream", async () => {
  const { reply, left } = endless();
  await using upstream = await startUpstream(reply);
  await using other = await startServerAt(upstream.url);
  const fields = { agent_type: undefined, model: "openai/gpt-4o", stream: true };
  const process = spawn("curl", optionsOf(other.url, fields));
  await once(process.stdout, "data");
  process.kill();
  await left;
  await expect.poll(() => other.records[0]?.status).toBe("aborted");
});
