import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Orchestra } from "@orchestra/core";
import { definePipeline, openRuntime } from "@orchestra/runtime";
import { serve } from "@orchestra/server";
import { describe, expect, test, vi } from "vitest";
import { runExample } from "../run-example.ts";
import { newTables } from "../tables.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/service.md"), "utf8");
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

describe("the programs of docs/service.md", () => {
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

describe("what docs/service.md says of runs and of the command line:", () => {
  test("the program starts a run, and follows it to its end", async () => {
    const { printed } = await runExample(() => import("./runs.ts"), { environment: newTables() });
    expect(printed).toEqual([[true, 0]]);
  });

  test("the commands are answered", async () => {
    expect(curls.length).toBeGreaterThan(3);
    await runExample(
      async () => {
        await using runtime = await openRuntime({ pipelines: [answer] });
        await using _worker = await runtime.work();
        const poet = new Orchestra(runtime.gateway).agent({
          name: "poet",
          system: "You write haiku.",
        });
        const options = { runtime, agents: [poet], port: 0, graceMs: 0, environment: {} };
        await using server = await serve(options);
        for (const code of curls) {
          const command = code.replaceAll("http://127.0.0.1:8080", new URL(server.url).origin);
          const { stdout } = await promisify(execFile)("bash", ["-c", `set -e\n${command}`]);
          expect(stdout).toMatch(answered);
        }
      },
      { environment: newTables() },
    );
  });
});

/** What a command prints that has got an answer. */
const answered =
  /"object":|^HTTP\/1.1 200|"status":"succeeded"|"by":"user"|"matched":|event: result|"openapi":|^# TYPE /m;

const answer = definePipeline({
  name: "answer",
  create: ({ orchestra }) => orchestra.agent({ name: "answer", system: "Answer in one sentence." }),
});
