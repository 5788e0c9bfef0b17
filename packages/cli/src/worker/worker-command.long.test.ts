import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "@orchestra/test-postgres";
import { describe, expect, inject, test } from "vitest";
import { exampleConfig } from "../config/example.ts";
import { question, runAtTheGate, startStage } from "../test-support/start-stage.ts";
import { startCli } from "../test-support/start-cli.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const patient = { timeout: 60_000 };

describe("orchestra worker", { timeout: 180_000 }, () => {
  test("executes runs that other processes start, logs what it does, and stops on a signal", async () => {
    await using stage = await startStage();
    await using worker = stage.startWorker(["--concurrency", "3", "--name", "first"]);
    const run = await stage.runtime.start("answer", question);
    expect(await stage.runtime.wait(run.id)).toMatchObject({
      status: "succeeded",
      worker: "first",
      output: { answer: expect.stringContaining("1871") },
    });
    worker.stop("SIGTERM");
    const { code, stdout, stderr } = await worker.done;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });

    const { host, pathname, password } = new URL(inject("databaseUrl"));
    expect(worker.log().filter(({ message }) => message !== "model call")).toMatchObject([
      {
        message: "worker starts",
        database: `${host}${pathname}`,
        pipelines: ["answer"],
        concurrency: 3,
        graceSeconds: 30,
      },
      { message: "waiting for runs", worker: "first" },
      { message: "draining", signal: "SIGTERM", runs: 0 },
      { message: "stopped" },
    ]);
    expect(stderr).not.toContain(`:${password}@`);
  });

  test("hands back a run that does not end in the grace time; another worker continues it without repeating a call", async () => {
    await using stage = await startStage();
    const { runtime, sandbox } = stage;
    // The call of the validator hangs, in the first worker.
    sandbox.order({ fault: "hang", after: 2, times: 1 });
    await using first = stage.startWorker(["--grace", "0.2", "--name", "first"]);
    const { id } = await runtime.start("answer", question);
    await expect.poll(() => sandbox.books.entries.length, patient).toBe(3);
    first.stop("SIGTERM");
    expect(await first.done).toMatchObject({ code: 0 });
    expect(await runtime.get(id)).toMatchObject({ status: "queued", executions: 1 });

    await using _second = stage.startWorker(["--name", "second"]);
    expect(await runtime.wait(id)).toMatchObject({
      status: "succeeded",
      executions: 2,
      worker: "second",
    });
    const answered = sandbox.books.entries.filter(({ aborted }) => !aborted);
    const asked = answered.map(({ body }) => JSON.stringify(body["messages"]));
    expect(asked).toHaveLength(4);
    expect(new Set(asked).size).toBe(4);
    expect(await stage.searches()).toBe(1);
    const events = await Array.fromAsync(runtime.events(id));
    expect(events).toContainEqual(
      expect.objectContaining({ type: "run-handed-back", worker: "first" }),
    );
    expect(events.filter(({ type }) => type === "run-lost")).toEqual([]);
  });

  test("waits for a run that needs less than the grace time", async () => {
    await using stage = await startStage();
    const { runtime, gate } = stage;
    await using worker = stage.startWorker(["--grace", "60"], { GATE: gate });
    const id = await runAtTheGate(stage);
    worker.stop("SIGINT");
    expect(await worker.saw("draining")).toMatchObject({ signal: "SIGINT", runs: 1 });
    // While it drains, it takes no other run.
    const later = await runtime.start("answer", question);
    await writeFile(gate, "");
    expect(await worker.done).toMatchObject({ code: 0 });
    expect(await runtime.get(id)).toMatchObject({ status: "succeeded", executions: 1 });
    expect(await runtime.get(later.id)).toMatchObject({ status: "queued", executions: 0 });
  });

  test("ends at once at the second signal", async () => {
    await using stage = await startStage();
    await using worker = stage.startWorker(["--grace", "60"], { GATE: stage.gate });
    await runAtTheGate(stage);
    worker.stop("SIGTERM");
    await worker.saw("draining");
    // A signal right after the first is taken for a copy of it, so it is sent again.
    const stopAgain = () => (worker.stop("SIGTERM"), worker.child.exitCode);
    await expect.poll(stopAgain, patient).toBe(143);
  });

  test("continues after the database was not available, and logs that once", async () => {
    await using folder = await temporaryFolder();
    const server = await startPostgres({ folder: join(folder.path, "postgres") });
    try {
      await using stage = await startStage(server.url);
      await using worker = stage.startWorker(["--grace", "1"]);
      await worker.saw("waiting for runs");
      await server.stop();
      await worker.saw("the database cannot be used; runs wait for it");
      await server.start();
      await worker.saw("the database is back");
      const run = await stage.runtime.start("answer", question);
      expect(await stage.runtime.wait(run.id)).toMatchObject({ status: "succeeded" });
      worker.stop("SIGTERM");
      expect(await worker.done).toMatchObject({ code: 0 });
      const problems = worker.log().filter(({ level }) => level !== "info");
      expect(problems.map(({ message }) => message)).toEqual([
        "the database cannot be used; runs wait for it",
      ]);
    } finally {
      await server.stop();
    }
  });

  test("reports in one line, without the password, that it cannot connect to the database", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "orchestra.config.ts"), exampleConfig);
    const environment = {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      DATABASE_URL: "postgresql://me:hunter22@127.0.0.1:1/mine",
      LOG_LEVEL: "silent",
    };
    await using worker = startCli(["worker"], { folder: folder.path, environment });
    const { code, stderr } = await worker.done;
    expect(code).toBe(75);
    expect(stderr.trimEnd()).toMatch(/^The database at 127\.0\.0\.1:1\/mine .*ECONNREFUSED[^\n]*$/);
    expect(stderr).not.toContain("hunter22");
  });

  test("runs the shortest config on the embedded database, which no other process can use", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "orchestra.config.ts"), exampleConfig);
    const environment = { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" };
    const options = { folder: folder.path, environment };
    await using worker = startCli(["worker"], options);
    await worker.saw("waiting for runs");
    const lines = worker.log();
    expect(lines[0]).toMatchObject({
      database: join(folder.path, ".orchestra"),
      pipelines: ["chat"],
    });
    expect(lines[1]).toMatchObject({
      level: "warn",
      message: expect.stringMatching(
        /one process at a time can use the embedded database.* set DATABASE_URL/,
      ),
    });

    await using second = startCli(["worker"], options);
    const { code, stderr } = await second.done;
    expect(code).toBe(1);
    expect(stderr).toContain(`is in use by process ${worker.child.pid}`);
    worker.stop("SIGINT");
    expect(await worker.done).toMatchObject({ code: 0 });
  });
});

test("a config that awaits a promise that never settles ends the command with one message", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "orchestra.config.mjs"), "await new Promise(() => {});");
  const { code, stderr } = await startCli(["worker"], { folder: folder.path }).done;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^The command waits for a promise that never settles: .*\n$/),
  });
});
