import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Run, RunEvent } from "@orchestra/runtime";
import { startSandbox, type SandboxOptions } from "@orchestra/sandbox";
import { afterAll, describe, expect, test } from "vitest";
import { InterruptedError } from "../interruption.ts";
import { ownSchema } from "../test-support/own-schema.ts";
import { runHere, type RunHereOptions } from "../test-support/run-here.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const task = "When was the lighthouse of Vell built?";

const tables = ownSchema();
afterAll(() => tables[Symbol.asyncDispose]());

/** A folder with documents, a sandbox, and a function that runs the command there. */
async function openStage(options: SandboxOptions = {}) {
  const stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox(options));
  const { path: folder } = stack.use(await temporaryFolder());
  await mkdir(join(folder, "docs"));
  await writeFile(
    join(folder, "docs/vell.md"),
    "# Vell\n\nThe lighthouse of Vell was built in 1871.\n",
  );
  const environment = {
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    LLM_RETRY_DELAY: "0.002",
    ...tables.environment,
  };
  const orchestra = (args: readonly string[], more: Partial<RunHereOptions> = {}) =>
    runHere(args, { folder, environment, ...more });
  const newest = async () => {
    const { stdout } = await orchestra(["runs", "list", "--json"]);
    return (JSON.parse(stdout) as Run[])[0] as Run;
  };
  return {
    sandbox,
    folder,
    environment,
    orchestra,
    newest,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** An MCP server with one tool. */
const lighthouseServer = `import { createInterface } from "node:readline";

const results = {
  initialize: {
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "lighthouse", version: "1" },
  },
  "tools/list": { tools: [{ name: "built", inputSchema: { type: "object" } }] },
  "tools/call": { content: [{ type: "text", text: "The tool says 1871." }] },
};
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: results[method] }));
});
`;

const config = `import { RunnableLambda } from "@langchain/core/runnables";
import { z } from "zod";

const shout = {
  name: "shout",
  input: z.string(),
  create: () => RunnableLambda.from((text) => text.toUpperCase() + "\\u001b[31m"),
};
const chat = { name: "chat", create: ({ orchestra }) => orchestra.model };

export default { pipelines: PIPELINES };
`;

describe("orchestra run", () => {
  test("answers from documents with sources, only on standard output", async () => {
    await using stage = await openStage();
    const { code, stdout, stderr } = await stage.orchestra(["run", task, "--docs", "docs"]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain("1871");
    expect(stdout).toMatch(/\n\[1\] vell\.md:3 "The lighthouse of Vell was built in 1871\."\n$/);
    expect(stderr).toMatch(/^Read 1 document\n/);
    expect(stderr).toMatch(
      /^researcher asks openai\/gpt-4o\n(.*\n)*researcher calls search_documents$/m,
    );
    expect(stderr.match(/ asks /g)).toHaveLength(3);
    expect(stderr).toMatch(/Run \S+ has succeeded \(4 calls, [\d,]+ tokens,\s\$0\.\d+\)\./);
  });

  test.each([
    ["sandbox/embedding", "sandbox/rerank", 200],
    ["sandbox/status-503", "sandbox/rerank-none", 503],
  ])(
    "searches documents with the models of the settings: %s, %s",
    async (embedding, rerank, status) => {
      await using stage = await openStage();
      const environment = {
        ...stage.environment,
        LLM_MAX_RETRIES: "0",
        DOCUMENTS_EMBEDDING_MODEL: embedding,
        DOCUMENTS_RERANK_MODEL: rerank,
      };
      await writeFile(join(stage.folder, "docs/bell.md"), "# Bells\n\nA bell of Vell is heard.\n");
      const asked = await stage.orchestra(["run", task, "--docs", "docs"], { environment });
      expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining("1871") });
      const entriesOf = (model: string) =>
        stage.sandbox.books.entries.filter(({ modelAsked }) => modelAsked === model);
      expect(entriesOf(embedding)[0]).toMatchObject({ status });
      expect(entriesOf(rerank).length).toBeGreaterThan(0);
      // The cost of embedding the documents, which all runs use, does not belong to this run. Its queries do.
      const { usage } = await stage.newest();
      const [documents] = entriesOf(embedding);
      const { costUsd } = stage.sandbox.books.totals();
      expect(usage.costUsd).toBeCloseTo(costUsd - (documents?.costUsd ?? 0), 12);
      const hasVectors = existsSync(join(stage.folder, ".orchestra/vectors"));
      expect(hasVectors).toBe(status === 200);
    },
  );

  test("gives a role the tools of MCP servers", async () => {
    const built = { name: "lighthouse__built", arguments: "{}" };
    await using stage = await openStage({
      fixtures: [
        { match: { hasToolResult: false }, response: { toolCalls: [built] } },
        { match: { hasToolResult: true }, response: { content: "In 1871." } },
      ],
    });
    const server = join(stage.folder, "server.mjs");
    await writeFile(server, lighthouseServer);
    const lighthouse = { command: process.execPath, args: [server] };
    await writeFile(join(stage.folder, "mcp.json"), JSON.stringify({ mcpServers: { lighthouse } }));
    const { code, stdout } = await stage.orchestra(["run", task, "--mcp", "mcp.json"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "In 1871.\n" });
    expect(JSON.stringify(stage.sandbox.books.entries.at(-1))).toContain("The tool says 1871.");
  });

  test("calls the default model or that of a role, and reads the task from standard input", async () => {
    await using stage = await openStage();
    const args = ["run", "-", "--role", "translator", "--json"];
    const environment = {
      ...stage.environment,
      AGENT_MODEL_MAP: '{"translator":"openai/gpt-4o-mini","reseacher":"openai/gpt-4o"}',
      DEFAULT_MODEL: "openai/gpt-4o-mini",
    };
    const { code, stdout, stderr } = await stage.orchestra(args, {
      stdin: `${task}\n`,
      environment,
    });
    expect(code).toBe(0);
    const warnings = stderr.replaceAll(/\s+/g, " ");
    expect(warnings).toContain('the role "reseacher". Did you mean researcher?');
    expect(warnings).toContain("Did you mean OPENROUTER_DEFAULT_MODEL?");
    expect(JSON.parse(stdout)).toMatchObject({
      status: "succeeded",
      input: { task, role: "translator" },
      output: { answer: expect.any(String) },
      usage: { calls: 1 },
    });
    expect(stage.sandbox.books.entries.map(({ body }) => body["model"])).toEqual([
      "openai/gpt-4o-mini",
    ]);
    expect((await stage.orchestra(["run", task])).code).toBe(0);
    expect(stage.sandbox.books.entries.at(-1)?.body["model"]).toBe("openai/gpt-4o");
  });

  test("runs pipelines of the config: one with a text as input, and a chat model", async () => {
    await using stage = await openStage();
    const path = join(stage.folder, "orchestra.config.mjs");
    const nothing = '{ name: "nothing", create: () => undefined }';
    await writeFile(path, config.replace("PIPELINES", `[shout, chat, ${nothing}]`));
    const shouted = await stage.orchestra(["run", "hello", "--pipeline", "shout"]);
    expect(shouted).toMatchObject({ code: 0, stdout: String.raw`HELLO\u001b[31m` + "\n" });
    const given = ["run", "--pipeline", "shout", "--input", "-"];
    const fromJson = await stage.orchestra(given, { stdin: '"hello"\n' });
    expect(fromJson).toMatchObject({ code: 0, stdout: shouted.stdout });
    const asked = await stage.orchestra(["run", task, "--pipeline", "chat"]);
    expect(asked.code).toBe(0);
    expect(asked.stdout).not.toContain("lc");
    expect(asked.stderr).not.toContain("No person was asked");
    const unasked = await stage.orchestra(["run", task, "--pipeline", "chat", "--approve"]);
    expect(unasked.code).toBe(0);
    expect(unasked.stderr).toContain("No person was asked: the pipeline chat has no approval.");
    const unmade = await stage.orchestra(["run", task, "--pipeline", "nothing"]);
    expect(unmade).toMatchObject({ code: 1, stdout: "" });
    expect(unmade.stderr).toContain("what its create() returns is missing");
    const unclear = await stage.orchestra(["run", "hello"]);
    expect(unclear.code).toBe(2);
    expect(unclear.stderr).toContain("--pipeline (shout, chat, nothing)");
  });

  test("does not exceed --budget-usd", async () => {
    await using stage = await openStage();
    const args = ["run", task, "--docs", "docs", "--budget-usd", "0.0000001"];
    const { code, stdout, stderr } = await stage.orchestra(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.match(/does not cover/g)).toHaveLength(1);
    expect(stderr).toContain("Start it again with a higher --budget-usd;");
    expect(stderr).not.toContain("settings.budget");
    expect(stage.sandbox.books.totals().costUsd).toBe(0);
  });

  test("names once the setting of a budget that is used up; so does the trace", async () => {
    await using stage = await openStage();
    const environment = { ...stage.environment, LLM_BUDGET_TOKENS_PER_RUN: "10" };
    const { code, stderr } = await stage.orchestra(["run", task, "--budget-usd", "1"], {
      environment,
    });
    expect(code).toBe(1);
    expect(stderr.match(/LLM_BUDGET_TOKENS_PER_RUN/g)).toHaveLength(1);
    expect(stderr).toMatch(/^general: openai\/gpt-4o, .*, budget_error$/m);
    const { id } = await stage.newest();
    const { stdout } = await stage.orchestra(["runs", "trace", id]);
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
      /budget_error .*: The run's budget of 10 tokens/,
    );
  });

  test("prints each message of failed and retried calls once in the trace", async () => {
    await using stage = await openStage();
    const environment = { ...stage.environment, LLM_RETRY_DELAY: "0.002" };
    const traced = async () => {
      const { id } = await stage.newest();
      const { stdout } = await stage.orchestra(["runs", "trace", id]);
      return stdout.replaceAll(/\s+/g, " ");
    };
    stage.sandbox.order({ fault: "status", status: 401, times: 1 });
    expect((await stage.orchestra(["run", task], { environment })).code).toBe(1);
    const failed = await traced();
    expect(failed.match(/User not found/g)).toHaveLength(1);
    expect(failed.match(/Check the key/g)).toHaveLength(1);
    expect(failed).not.toContain(String.raw`\u000a`);

    stage.sandbox.order({ fault: "status", status: 503, times: 2 });
    expect((await stage.orchestra(["run", task], { environment })).code).toBe(0);
    const retried = await traced();
    expect(retried.match(/overloaded/g)).toHaveLength(1);
    expect(retried.match(/service_error.{0,120}?; again in/g)).toHaveLength(2);
  });

  test("exits with 3 if the validator rejects the findings, and lists skipped documents", async () => {
    await using stage = await openStage();
    // The skipped document could be the one with the answer.
    await writeFile(
      join(stage.folder, "docs/moon\u001b.txt"),
      Buffer.from("D\xfcsseldorf", "latin1"),
    );
    const question = "What does a ticket to the moon cost in Xanadu?";
    const { code, stderr } = await stage.orchestra(["run", question, "--docs", "docs"]);
    expect(code).toBe(3);
    expect(stderr).toContain(
      "Read 1 document (1 skipped)\n1 file skipped: moon\\u001b.txt (not UTF-8 text: convert it to UTF-8)\n",
    );
    expect(stderr).toContain("has been rejected");
  });

  test("waits for a person; approve continues the run, and reject ends it without a key", async () => {
    await using stage = await openStage();
    const args = ["run", task, "--docs", "docs", "--approve"];
    const waiting = await stage.orchestra(args);
    expect(waiting).toMatchObject({ code: 4, stdout: "" });
    const { id } = await stage.newest();
    expect(waiting.stderr).toContain("Claims to approve:\n  1. ");
    expect(waiting.stderr).toContain(`orchestra runs approve ${id}`);
    const resumed = await stage.orchestra(["runs", "resume", id]);
    expect(resumed).toMatchObject({ code: 2, stdout: "" });
    expect(resumed.stderr).toContain(
      `can be resumed.\nDecide with one of:\n  orchestra runs approve ${id}\n`,
    );
    const approved = await stage.orchestra(["runs", "approve", id, "--by", "Ann"]);
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining("1871") });
    const watched = await stage.orchestra(["runs", "watch", id]);
    expect(watched.stderr).toMatch(/waits for a decision\n[^]*execute is done\n/);

    await stage.orchestra(args);
    const second = await stage.newest();
    const { OPENROUTER_API_KEY: _, OPENROUTER_BASE_URL: __, ...environment } = stage.environment;
    const reject = ["runs", "reject", second.id, "--reason", "too old"];
    expect((await stage.orchestra(reject, { environment })).code).toBe(3);
    expect(await stage.newest()).toMatchObject({ status: "rejected" });
  });

  test("leaves the run in the queue when it is interrupted, and runs watch continues it", async () => {
    await using stage = await openStage();
    stage.sandbox.order({ fault: "hang", after: 2, times: 1 });
    const controller = new AbortController();
    const interrupted = stage.orchestra(["run", task, "--docs", "docs"], {
      signal: controller.signal,
    });
    await expect.poll(() => stage.sandbox.books.entries.length).toBe(3);
    controller.abort(new InterruptedError("SIGINT"));
    const ended = await interrupted;
    expect(ended).toMatchObject({ code: 130, stdout: "" });
    const { id, status } = await stage.newest();
    expect(ended.stderr).toMatch(
      new RegExp(`Continue it with:\n  orchestra runs watch ${id}\nStopped by Ctrl-C\n$`),
    );
    expect(status).toBe("queued");
    const list = await stage.orchestra(["runs", "list"], { columns: 60 });
    expect(list.stdout.replaceAll(/\s+/g, " ")).toMatch(
      new RegExp(
        `^${id} queued \\S+ \\S+ orchestra-answer \\S+, stopped; continue with: orchestra runs watch ${id} `,
      ),
    );
    expect(list.stdout).toContain(`\n  orchestra runs watch ${id}\n`);
    const shown = await stage.orchestra(["runs", "show", id]);
    expect(shown.stderr).toContain(`No process executes it. Continue it`);
    const { stdout: trace } = await stage.orchestra(["runs", "trace", id]);
    // It depends on timing whether the end of the aborted call was stored, and whether its cost is known.
    expect(trace).toMatch(
      / validator: openai\/gpt-4o, (?:cut off|(?:[^+]|\+ 1 request)*aborted(?:[^+]|\+ 1 request)*)\n.* handed back to the queue\n/,
    );
    // Commands for other runs do not execute it.
    expect((await stage.orchestra(["run", task, "--role", "executor"])).code).toBe(0);
    const other = await stage.newest();
    expect(other).toMatchObject({ pipeline: "orchestra-chat", executions: 1 });
    expect((await stage.orchestra(["runs", "retry", other.id])).code).toBe(0);
    const { stdout } = await stage.orchestra(["runs", "show", id, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "queued", executions: 1 });
    const watched = await stage.orchestra(["runs", "watch", id]);
    expect(watched).toMatchObject({ code: 0, stdout: expect.stringContaining("1871") });
  });

  test("explains the argument of create() if a pipeline uses it as an Orchestra", async () => {
    await using stage = await openStage();
    const create = '(orchestra) => orchestra.agent({ name: "poet", system: "You write." })';
    await writeFile(
      join(stage.folder, "orchestra.config.mjs"),
      `export default { pipelines: [{ name: "poem", create: ${create} }] };`,
    );
    expect(await stage.orchestra(["run", "x"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "orchestra.agent is not a function. create() gets one object: create: ({ orchestra",
      ),
    });
  });

  test("does not explain the argument of create() if a role is invalid", async () => {
    await using stage = await openStage();
    await writeFile(
      join(stage.folder, "orchestra.config.mjs"),
      `export default { pipelines: [{ name: "poem", create: ({ orchestra }) => orchestra.agent({ name: "poet" }) }] };`,
    );
    const { code, stderr } = await stage.orchestra(["run", "x"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/role\.system is missing: expected a text\.?\n$/);
  });

  test("reports wrong usage without a stack trace, starts no run and creates no database", async () => {
    await using stage = await openStage();
    const { DATABASE_URL: _, ORCHESTRA_DATABASE_SCHEMA: __, ...embedded } = stage.environment;
    await writeFile(join(stage.folder, "empty.json"), "{}");
    await writeFile(
      join(stage.folder, "numbers.mjs"),
      config.replace("z.string()", "z.number()").replace("PIPELINES", "[shout]"),
    );
    for (const [name, agents] of Object.entries({
      throwing: '() => { throw new Error("boom"); }',
      async: "async () => []",
    })) {
      const text = config.replace("PIPELINES", `[shout], agents: ${agents}`);
      await writeFile(join(stage.folder, `${name}.mjs`), text);
    }
    for (const [args, message, more] of mistakes) {
      const environment = { ...embedded, ...more };
      const { code, stdout, stderr } = await stage.orchestra(args, { environment });
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" });
      expect(stderr).toContain(message);
      expect(stderr).not.toMatch(/\n +at /);
    }
    expect(stage.sandbox.books.entries).toEqual([]);
    expect(existsSync(join(stage.folder, ".orchestra"))).toBe(false);
  });
});

const mistakes: readonly (readonly [
  args: readonly string[],
  message: string,
  environment?: NodeJS.ProcessEnv,
])[] = [
  [["run", " "], "The task is empty"],
  [["run", "-"], "Standard input is empty"],
  [["run", "x", "--docs", "nowhere"], "no readable folder or file"],
  [["run", "x", "--docs", "docs", "--role", "a"], "--docs and --role cannot be combined"],
  [["run", "x", "--docs", "docs", "--mcp", "a"], "--mcp and --docs cannot be combined"],
  [["run", "x", "--mcp", "a", "--detach"], "--detach is for pipelines"],
  [
    ["run", "x", "--pipeline", "nope"],
    "There is no pipeline nope: expected one of orchestra.config.ts",
  ],
  [["run", "x", "--budget-usd", "lots"], "It takes a number of US dollars"],
  [["run", "x", "--approve"], "--approve needs"],
  [["run", "x", "--role", "a", "--detach"], "--detach is for pipelines"],
  [["run", "x", "--docs", "docs/nowhere.md"], "no readable folder or file"],
  [["run", "x", "--mcp", "nowhere.json"], "there is no such file"],
  [["run", "x", "--mcp", "docs/vell.md"], "it is not JSON"],
  [["run", "x", "--mcp", "empty.json"], "mcpServers"],
  [["run", "x", "--role", "excutor"], "Did you mean executor?"],
  [["run", "x", "--role", "poet"], "There is no role poet (--role). Roles: researcher,"],
  [
    ["run", "x", "--role", "explaner"],
    "Did you mean explainer?",
    { AGENT_MODEL_MAP: '{"explainer":"a/b"}' },
  ],
  [["run", "x", "--config", "nowhere.mjs"], "There is no file"],
  [
    ["run", "x", "--config", "throwing.mjs", "--role", "poet"],
    "throwing.mjs: agents fails: Error: boom (line ",
  ],
  [["run", "x", "--config", "async.mjs", "--role", "poet"], "is a promise: expected an array"],
  [["run", "5", "--config", "numbers.mjs"], 'Its schema: {"type":"number"}'],
  [
    ["run", "--config", "numbers.mjs", "--input", '"5"'],
    "cannot use this --input: ✖ Invalid input",
  ],
  [["run", "--config", "numbers.mjs", "--input", "{"], "--input is not JSON"],
  [["run", "--config", "numbers.mjs", "--input", "-"], "--input is not JSON"],
  [["run", "5", "--config", "numbers.mjs", "--input", "5"], "cannot be combined"],
  [["run", "--input", "5"], "--input needs a pipeline"],
  [["run", "--input", "5", "--docs", "docs"], "--input is for pipelines of the config"],
  [["run"], "The task is empty"],
  [["run", "x", "--config", "numbers.mjs", "--pipeline", "shot"], "(did you mean shout?)"],
  [
    ["run", "x"],
    "OPENROUTER_API_KEY is required",
    { OPENROUTER_BASE_URL: "", OPENROUTER_API_KEY: "" },
  ],
  [["run", "x"], "LLM_MAX_RETRIES", { LLM_MAX_RETRIES: "many" }],
  [["run", "x", "--detach"], "DATABASE_URL", { DATABASE_URL: "mysql://x" }],
  [["run", "x"], "cannot be stored in", { ORCHESTRA_HOME: "docs/vell.md" }],
  [["runs", "show", "nope"], 'There is no run "nope"'],
  [["runs", "watch", "nope"], 'There is no run "nope"'],
  [["runs", "cancel", "nope"], 'There is no run "nope"'],
  [["runs", "resume", "nope"], 'There is no run "nope"'],
  [["runs", "show", ""], "It takes the id of a run"],
  [["runs", "compare", "a", "\u0007"], "It takes the id of a run"],
  [["keys", "revoke", ""], "It takes the name or the id of a key"],
  [["runs", "list", "--status", "done"], "It takes one of queued"],
];

describe("orchestra runs", () => {
  test("list and usage do not create a database", async () => {
    await using stage = await openStage();
    const { DATABASE_URL: _, ORCHESTRA_DATABASE_SCHEMA: __, ...environment } = stage.environment;
    expect(await stage.orchestra(["runs", "list"], { environment })).toEqual({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(
        /^There are no runs: none was started in \S+ yet\.\sorchestra\srun\sTASK\sstarts\sone\.\n$/,
      ),
    });
    const usage = await stage.orchestra(["usage", "--json"], { environment });
    expect(JSON.parse(usage.stdout)).toMatchObject({ total: { runs: 0 }, lines: {} });
    expect(existsSync(join(stage.folder, ".orchestra"))).toBe(false);
  });

  test("starts no run if the command was interrupted before", async () => {
    await using stage = await openStage();
    const before = await stage.orchestra(["runs", "list", "--json"]);
    const signal = AbortSignal.abort(new InterruptedError("SIGTERM"));
    const ended = await stage.orchestra(["run", task], { signal });
    expect(ended).toEqual({ code: 143, stdout: "", stderr: "Stopped by SIGTERM\n" });
    expect(await stage.orchestra(["runs", "list", "--json"])).toEqual(before);
  });

  test("list, show and trace print runs in 60 columns", async () => {
    await using stage = await openStage();
    await stage.orchestra(["run", task, "--docs", "docs"]);
    const { id } = await stage.newest();
    const list = await stage.orchestra(["runs", "list", "--status", "succeeded"]);
    expect(list.stdout).toContain(`${id}  succeeded\n`);
    const show = await stage.orchestra(["runs", "show", id]);
    expect(show.stdout).toContain("1871");
    expect(show.stderr).toMatch(
      /^pipeline  orchestra-answer, version 1\ntask      When was .*\nstarted   \S+ \S+ UTC, ended after .*\nmodels    researcher: openai\/gpt-4o;.*\n(.*\n)*worker    \S+, 1 execution\nRun /,
    );
    const trace = await stage.orchestra(["runs", "trace", id], { columns: 60 });
    const text = trace.stdout.replaceAll(/\s+/g, " ");
    for (const part of ["taken by", "researcher: openai/gpt-4o", "research is done", "succeeded"]) {
      expect(text).toContain(part);
    }
    for (const line of trace.stdout.split("\n").slice(0, -2)) expect(line.length).toBeLessThan(61);
    const { stdout } = await stage.orchestra(["runs", "trace", id, "--json"]);
    const events = JSON.parse(stdout) as RunEvent[];
    expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
    const none = ["runs", "list", "--pipeline", "never-run"];
    expect(await stage.orchestra(none)).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "There are no runs of the pipeline never-run.\n",
    });
  });

  test("accept the first characters of an id, and list the runs if several begin with them", async () => {
    await using stage = await openStage();
    await stage.orchestra(["run", task]);
    const { id, ...run } = await stage.newest();
    const show = (typed: string) => stage.orchestra(["runs", "show", typed, "--json"]);
    const beginning = id.slice(0, -4);
    expect(JSON.parse((await show(beginning)).stdout)).toMatchObject({ ...run, id });
    const compared = await stage.orchestra(["runs", "compare", beginning, beginning]);
    expect(compared).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
    expect(await show(id.slice(0, 5))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("at least 6 characters of its beginning"),
    });
    const other = `${beginning}-other`;
    await using database = await tables.open();
    const runs = `"${database.schema}".runs`;
    await database.query(
      `INSERT INTO ${runs} SELECT (jsonb_populate_record(run, '{"id":"${other}"}')).*
       FROM ${runs} AS run WHERE id = '${id}'`,
    );
    const { code, stderr } = await stage.orchestra(["runs", "cancel", beginning]);
    expect({ code, lines: stderr.trimEnd().split("\n").toSorted() }).toEqual({
      code: 2,
      lines: [
        expect.stringMatching(/^ {2}\S+ {2}succeeded {2}\S+ \S+ {2}orchestra-chat$/),
        expect.stringMatching(/^ {2}\S+ {2}succeeded {2}\S+ \S+ {2}orchestra-chat$/),
        expect.stringContaining(`several runs begin with "${beginning}"`),
      ],
    });
    for (const each of [id, other]) expect(stderr).toContain(each);
    expect(JSON.parse((await show(id)).stdout)).toMatchObject({ id });
  });

  test("need no key until a run needs a model, and store a decision without one", async () => {
    await using stage = await openStage();
    await stage.orchestra(["run", task, "--docs", "docs", "--approve"]);
    const { id } = await stage.newest();
    const { OPENROUTER_API_KEY: _, OPENROUTER_BASE_URL: __, ...environment } = stage.environment;
    const show = await stage.orchestra(["runs", "show", id], { environment });
    expect(show).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("waits for a decision"),
    });
    const approved = await stage.orchestra(["runs", "approve", id], { environment });
    expect(approved).toMatchObject({ code: 2, stdout: "" });
    expect(approved.stderr).toMatch(
      new RegExp(`The decision is kept, .*\n  orchestra runs watch ${id}\nOPENROUTER_API_KEY `),
    );
    expect(await stage.newest()).toMatchObject({ id, status: "queued" });
    for (const args of [
      ["run", "x"],
      ["runs", "watch", id],
    ]) {
      expect((await stage.orchestra(args, { environment })).code).toBe(2);
    }
    const paid = stage.sandbox.books.entries.length;
    expect((await stage.orchestra(["runs", "watch", id])).code).toBe(0);
    expect(stage.sandbox.books.entries.length - paid).toBe(1);
  });

  test("cancel ends a run, and resume continues a failed one with its stored answers", async () => {
    await using stage = await openStage();
    await writeFile(join(stage.folder, "my config.mjs"), config.replace("PIPELINES", "[shout]"));
    const named = ["--config", "my config.mjs"];
    const { stdout } = await stage.orchestra(["run", "hello", "--detach", ...named]);
    const controller = new AbortController();
    const { signal } = controller;
    const onStderr = (text: string) => {
      if (text.includes("waits for a worker")) controller.abort(new InterruptedError("SIGINT"));
    };
    const watch = ["runs", "watch", stdout.trim()];
    const watched = await stage.orchestra([...watch, ...named], { signal, onStderr });
    expect(watched.code).toBe(130);
    expect(watched.stderr).toContain("orchestra worker --config 'my config.mjs' starts one.");
    expect(watched.stderr).toContain(`  orchestra ${watch.join(" ")} --config 'my config.mjs'\n`);
    const list = ["runs", "list", "--limit", "1"];
    const [known, unknown] = [
      await stage.orchestra([...list, ...named]),
      await stage.orchestra(list),
    ];
    expect(known.stdout).toMatch(
      /start one\s+with:\n {2}orchestra worker --config 'my config.mjs'/,
    );
    expect(unknown.stdout).toMatch(/no worker\s+has its version 1, nor the\s+config\n$/);
    const cancelled = await stage.orchestra(["runs", "cancel", stdout.trim(), "--reason", "late"]);
    expect(cancelled.code).toBe(0);
    expect(await stage.newest()).toMatchObject({ status: "cancelled", cancelReason: "late" });

    stage.sandbox.order({ fault: "status", status: 400, after: 2, times: 1 });
    expect((await stage.orchestra(["run", task, "--docs", "docs"])).code).toBe(1);
    const { id } = await stage.newest();
    const before = stage.sandbox.books.entries.length;
    expect((await stage.orchestra(["runs", "resume", id])).code).toBe(0);
    expect(stage.sandbox.books.entries.length - before).toBe(2);
    const again = await stage.orchestra(["runs", "retry", id, "--from", "execute"]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("1871") });
    expect(stage.sandbox.books.entries.length - before).toBe(3);
  });

  test("fork, compare and export", async () => {
    await using stage = await openStage();
    expect((await stage.orchestra(["run", task, "--docs", "docs"])).code).toBe(0);
    const { id } = await stage.newest();
    const before = stage.sandbox.books.entries.length;
    const model = "executor=anthropic/claude-sonnet-4";
    const fork = ["runs", "fork", id, "--from", "execute", "--model", model];
    expect(await stage.orchestra(fork)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1871"),
    });
    expect(stage.sandbox.books.entries.length - before).toBe(1);
    const { id: forkId, forkedFrom } = await stage.newest();
    expect(forkedFrom).toMatchObject({ run: id, from: "execute" });
    const [show, list] = [
      await stage.orchestra(["runs", "show", forkId]),
      await stage.orchestra(["runs", "list", "--limit", "1"]),
    ];
    expect(show.stderr).toContain(`\nfork of   ${id}, from execute\n`);
    expect(list.stdout.replaceAll(/\s+/g, " ")).toContain(`, fork of ${id}, from execute `);

    const compared = await stage.orchestra(["runs", "compare", id, forkId]);
    expect(compared.stdout).toMatch(/execute: (same|other) answers/);
    expect(compared.stdout).toContain("anthropic/claude-sonnet-4");
    const json = await stage.orchestra(["runs", "compare", id, forkId, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ a: { id }, b: { id: forkId } });

    const exported = await stage.orchestra(["runs", "export", id, "--output", "run.json"]);
    expect(exported).toMatchObject({ code: 0, stdout: "" });
    const file = JSON.parse(await readFile(join(stage.folder, "run.json"), "utf8")) as object;
    expect(file).toMatchObject({ format: 1, run: { id } });

    const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
      [["fork", id, "--from", "nowhere"], /nowhere/],
      [["fork", id, "--model", "executor"], /a role and a model/],
      [["fork", id, "--input", "{"], /takes JSON/],
      [
        ["export", id, "--output", "no/such/folder/run.json"],
        /there is no folder \S+such\/folder\./,
      ],
      [["compare", id, "nothing"], /nothing/],
      [["answer", id, "--value", '"yes"'], /does not wait/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await stage.orchestra(["runs", ...args]);
      expect({ args, code, stderr }).toEqual({
        args,
        code: 2,
        stderr: expect.stringMatching(message),
      });
    }
  });
});
