import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSandbox } from "@orchestra/sandbox";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import answerConfig from "../test-support/answer.config.ts";
import { question, startStage } from "../test-support/start-stage.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import * as examples from "./runs.ts";

const root = join(import.meta.dirname, "../../../..");

/** Collects what the test prints from now on. */
function captureOutput(): unknown[][] {
  const lines: unknown[][] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...line) => void lines.push(line));
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    lines.push([text]);
    return true;
  });
  onTestFinished(() => {
    log.mockRestore();
    write.mockRestore();
  });
  return lines;
}

describe("the examples of the docs", { timeout: 180_000 }, () => {
  test("the first program of docs/runs.md answers from documents, with the embedded database", async () => {
    await using sandbox = await startSandbox();
    await using home = await temporaryFolder();
    const program = join(import.meta.dirname, "one-process.ts");
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@orchestra/source", program],
      {
        cwd: root,
        timeout: 120_000,
        env: {
          PATH,
          HOME,
          NODE_COMPILE_CACHE,
          ORCHESTRA_HOME: home.path,
          OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
          OPENROUTER_BASE_URL: sandbox.url,
          LOG_LEVEL: "error",
        },
      },
    );
    expect(stdout).toMatch(/^succeeded \{/);
  });

  test("the other examples of docs/runs.md do what the page says, in its order", async () => {
    await using stage = await startStage();
    await using worker = stage.startWorker();
    const { runtime } = stage;
    const printed = captureOutput();
    const runs = async () => (await runtime.list()).runs;

    for (const [name, value] of Object.entries(stage.environment)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const [answer] = answerConfig.pipelines;
    if (!answer) throw new Error("The config has no pipeline");
    await examples.startElsewhere(answer);
    const [first] = await runs();
    if (!first) throw new Error("Nothing was started");

    await examples.startOnce(runtime);
    expect(printed).toContainEqual([true]);
    expect(await runs()).toHaveLength(2);

    await examples.follow(runtime, first.id);
    expect(printed.flat().join("\n")).toMatch(
      /: research is done.*1871 \[1\]\.\n.*: execute is done/s,
    );
    const { lastEvent } = await runtime.get(first.id);
    const { signal } = new AbortController();
    expect(await examples.followOn(runtime, first.id, signal)).toBe(String(lastEvent));

    await examples.approve(runtime);
    const [approved] = await runs();
    expect(approved).toMatchObject({ status: "succeeded", approval: true });
    expect(printed.flat()).toContainEqual(expect.objectContaining({ type: "approval" }));

    await examples.schedule(runtime);
    expect(printed.flat()).toContainEqual([
      expect.objectContaining({ key: "morning", cron: "0 7 * * 1-5", timezone: "Europe/Berlin" }),
    ]);
    expect(await runtime.schedules()).toEqual([]);

    const { id } = await runtime.start("answer", question, { approval: true });
    const status = async () => (await runtime.get(id)).status;
    await expect.poll(status, { timeout: 60_000 }).toBe("waiting");
    await examples.cancelAndResume(runtime, id);
    await expect.poll(status, { timeout: 60_000 }).toBe("waiting");
    await examples.list(runtime);
    expect(printed).toContainEqual([id, "waiting", undefined]);

    await examples.fork(runtime, first.id);
    await examples.retryAndDelete(runtime, first.id);
    await expect(runtime.get(first.id)).rejects.toThrow(/no run/);

    // Makes the run a dead letter, like a run that ended the processes of its workers.
    await runtime.cancel(id);
    const { schema, query } = runtime.database;
    await query(`UPDATE "${schema}".runs SET status = 'failed', dead_letter = true WHERE id = $1`, [
      id,
    ]);
    await examples.resumeDeadLetters(runtime);
    await expect.poll(status, { timeout: 60_000 }).toBe("waiting");
    expect((await runtime.get(id)).isDeadLetter).toBe(false);
    worker.stop("SIGTERM");
    expect(await worker.done).toMatchObject({ code: 0 });
  });

  test("the SQL statements of docs/deployment.md are valid", async () => {
    await using stage = await startStage();
    const { schema, query } = stage.runtime.database;
    await stage.runtime.start("answer", question);
    const page = await readFile(join(root, "docs/deployment.md"), "utf8");
    const statements = [...page.matchAll(/^SELECT .*|(?<=`)SELECT [^`]*/gm)].map(([text]) => text);
    expect(statements.length).toBeGreaterThan(4);
    for (const statement of statements) {
      expect(statement).toMatch(/ orchestra\.\w+ /);
      await query(statement.replace(" orchestra.", ` "${schema}".`));
    }
  });

  test("the tool of docs/runs.md passes its idempotency key on", async () => {
    const keys: unknown[] = [];
    const order = examples.orderTool({
      order: async (item, { idempotencyKey }) => {
        keys.push([item, idempotencyKey]);
        return "ordered";
      },
    });
    await order.invoke({ item: "lamp" }, { configurable: { idempotency_key: "the key" } });
    expect(keys).toEqual([["lamp", "the key"]]);
  });
});
