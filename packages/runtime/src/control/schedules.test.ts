import { expect, test } from "vitest";
import { z } from "zod";
import { definePipeline } from "../pipelines/index.ts";
import type { Runtime } from "../runtime.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { pipelineOf, question, startTestRuntime } from "../test-support/test-runtime.ts";

describeServerFirst("a schedule", (open) => {
  test("starts one run for each occurrence, whichever worker sees it", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const other = await t.another();
    const schedule = { key: "nightly", cron: "0 3 * * *", timezone: "Europe/Vienna" };
    await runtime.schedule({ ...schedule, pipeline: "answer", input: question, priority: 2 });
    expect(await runtime.schedules()).toMatchObject([{ ...schedule, input: question }]);
    await Promise.all([runtime.work(), other.work()]);

    const queue = queueOf(runtime);
    const { query } = runtime.database;
    const started = async () => (await runtime.list()).runs;
    for (const count of [1, 2]) {
      await occur(runtime);
      await expect.poll(async () => (await started()).length).toBe(count);
    }
    for (const { id } of await started()) {
      expect(await runtime.wait(id)).toMatchObject({
        status: "succeeded",
        pipeline: "answer",
        schedule: "nightly",
        priority: 2,
        input: question,
      });
    }
    // An occurrence that is seen once more, since its worker died, starts nothing.
    await query(`UPDATE ${queue}.job SET state = 'retry', start_after = now() - interval '1 minute'
                 WHERE name = 'schedules'`);
    const left = async () =>
      query(`SELECT 1 FROM ${queue}.job WHERE name = 'schedules' AND state <> 'completed'`);
    await expect.poll(async () => (await left()).length).toBe(0);
    expect(await started()).toHaveLength(2);

    await runtime.unschedule("nightly");
    expect(await runtime.schedules()).toEqual([]);
    expect(t.errors).toEqual([]);
  });

  test("that was due several times while no worker took it starts one run, with its last input", async () => {
    const echo = pipelineOf("echo", (given) => given);
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo] });
    const { runtime } = t;
    const schedule = { cron: "* * * * *", pipeline: "echo" };
    await runtime.schedule({ ...schedule, key: "other", input: 0 });
    for (let input = 1; input <= 30; input += 1) {
      await runtime.schedule({ ...schedule, key: "often", input });
      await occur(runtime);
    }
    await runtime.work();
    const inputs = async () => new Set((await runtime.list()).runs.map(({ input }) => input));
    await expect.poll(inputs).toEqual(new Set([0, 30]));
    const waiting = () =>
      runtime.database.query(
        `SELECT FROM ${queueOf(runtime)}.job WHERE name = 'schedules' AND state <> 'completed'`,
      );
    await expect.poll(waiting).toEqual([]);
    expect((await runtime.list()).runs).toHaveLength(2);
    expect(t.errors).toEqual([]);
  });

  test("is left to workers that have its pipeline, by any number of those that do not", async () => {
    const [echo, other] = ["echo", "other"].map((name) => pipelineOf(name, (given) => given));
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo!, other!] });
    const { runtime } = t;
    const schedule = { cron: "0 3 * * *", input: 1 };
    await runtime.schedule({ ...schedule, key: "left", pipeline: "echo" });
    await runtime.schedule({ ...schedule, key: "taken", pipeline: "other" });
    await occur(runtime, "WHERE key = 'left'");
    const isTaken = () =>
      runtime.database.query(
        `SELECT FROM ${queueOf(runtime)}.job WHERE name = 'schedules'
           AND (state = 'active' OR (state <> 'completed' AND data->>'key' = 'taken'))`,
      );
    for (let count = 1; count <= 4; count += 1) {
      // A worker takes both at once.
      await occur(runtime, "WHERE key = 'taken'");
      const foreign = await t.another({ pipelines: [other!] });
      await foreign.work();
      await expect.poll(isTaken).toEqual([]);
      await foreign.close();
    }
    await runtime.work();
    const left = async () => (await runtime.list({ pipeline: "echo" })).runs;
    await expect.poll(left).toMatchObject([{ schedule: "left", input: 1 }]);
    expect(t.errors).toEqual([]);
  });

  test("that is removed starts no run any more, also not one that was due before", async () => {
    const echo = pipelineOf("echo", (given) => given);
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo] });
    const { runtime } = t;
    const schedule = { cron: "* * * * *", pipeline: "echo", input: 1 };
    for (const key of ["removed", "kept"]) await runtime.schedule({ ...schedule, key });
    await occur(runtime);
    await runtime.unschedule("removed");
    await runtime.work();
    const started = async () => (await runtime.list()).runs;
    await expect.poll(started).toMatchObject([{ schedule: "kept" }]);
    expect(t.errors).toEqual([]);
  });

  test("that the database cannot store is not called invalid, and breaks no connection", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const { query } = runtime.database;
    const queue = queueOf(runtime);
    const schedule = { key: "k", cron: "* * * * *", pipeline: "answer", input: question };
    await query(`ALTER TABLE ${queue}.schedule RENAME TO elsewhere`);
    const refused = await runtime.schedule(schedule).catch((error: unknown) => error);
    await query(`ALTER TABLE ${queue}.elsewhere RENAME TO schedule`);
    expect(refused).toMatchObject({ code: "42P01" });
  });

  test("starts its runs with the input that was given, as the pipeline's schema makes it", async () => {
    const input = z.object({ count: z.string().transform(Number) });
    const pipeline = definePipeline({ ...pipelineOf("echo", (given) => given), input });
    await using t = await startTestRuntime({ database: await open(), pipelines: [pipeline] });
    const { runtime } = t;
    const schedule = { key: "k", cron: "0 3 * * *", pipeline: "echo", input: { count: "4" } };
    expect(await runtime.schedule(schedule)).toMatchObject(schedule);
    expect(await runtime.schedules()).toMatchObject([schedule]);
    await occur(runtime);
    await runtime.work();
    await expect.poll(async () => (await runtime.list()).runs.length).toBe(1);
    expect((await runtime.list()).runs).toMatchObject([{ input: { count: 4 } }]);
    expect(t.errors).toEqual([]);
  });

  test("that cannot start a run reports it, and does not hold up the others", async () => {
    const echo = pipelineOf("echo", (given) => given);
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo] });
    const { runtime } = t;
    const schedule = { cron: "0 3 * * *", pipeline: "echo" };
    await runtime.schedule({ ...schedule, key: "bad", input: "text" });
    await runtime.schedule({ ...schedule, key: "good", input: 1 });
    await occur(runtime, "ORDER BY key");
    const stricter = await t.another({ pipelines: [{ ...echo, input: z.number() }] });
    await stricter.work();
    await expect
      .poll(async () => (await runtime.list()).runs)
      .toMatchObject([{ schedule: "good" }]);
    // Tried again by workers that may know another version of the pipeline, and then given up: a job that
    // the test inserts has two retries.
    const ended = () =>
      runtime.database.query(
        `SELECT state::text, retry_count FROM ${queueOf(runtime)}.job WHERE name = 'schedules' AND state > 'active'
         ORDER BY state`,
      );
    await expect.poll(ended).toEqual([
      { state: "completed", retry_count: 0 },
      { state: "failed", retry_count: 2 },
    ]);
    expect(String(t.errors[0])).toMatch(
      /The schedule "bad" could not start .*cannot use this input/,
    );
  });

  test("is done with an occurrence that has started its run, also where the input varies", async () => {
    const input = z.object({ id: z.string().default(() => crypto.randomUUID()) });
    const pipeline = definePipeline({ ...pipelineOf("echo", (given) => given), input });
    await using t = await startTestRuntime({ database: await open(), pipelines: [pipeline] });
    const { runtime } = t;
    await runtime.schedule({ key: "k", cron: "0 3 * * *", pipeline: "echo", input: {} });
    await occur(runtime);
    await runtime.work();
    const completed = () =>
      runtime.database.query(
        `SELECT 1 FROM ${queueOf(runtime)}.job WHERE name = 'schedules' AND state = 'completed'`,
      );
    await expect.poll(async () => (await completed()).length).toBe(1);
    // Its worker died before it could complete the job.
    await runtime.database.query(
      `UPDATE ${queueOf(runtime)}.job SET state = 'retry', start_after = now() - interval '1 minute'
       WHERE name = 'schedules'`,
    );
    await expect.poll(async () => (await completed()).length).toBe(1);
    expect((await runtime.list()).runs).toHaveLength(1);
    expect(t.errors).toEqual([]);
  });

  test.for([
    "",
    "@daily",
    "* * * * * *",
    "* * * *",
    "H * * * *",
    "0 0 * * 1,h",
    "FREQ=DAILY",
    "FREQ=DAILY a b c d",
  ])("is refused with the cron expression %j", async (cron) => {
    await using t = await startTestRuntime({ database: await open() });
    const schedule = { key: "k", cron, pipeline: "answer", input: question };
    const refused = t.runtime.schedule(schedule);
    await expect(refused).rejects.toThrow(RangeError);
    await expect(refused).rejects.toThrow(/expected five fields/);
  });

  test.for(["", "local", "system", "+02:00", "-0230", "UTC+3"])(
    "is refused with the time zone %j",
    async (timezone) => {
      await using t = await startTestRuntime({ database: await open() });
      const schedule = { key: "k", cron: "0 3 * * *", pipeline: "answer", input: question };
      const refused = t.runtime.schedule({ ...schedule, timezone });
      await expect(refused).rejects.toThrow(RangeError);
      await expect(refused).rejects.toThrow(/expected the name of an IANA time zone/);
    },
  );

  test("takes names, lists, ranges and steps, and aliases of time zones", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const schedule = { key: "k", pipeline: "answer", input: question };
    for (const cron of ["*/5 1,3 1-7 MAR-JUN THU", " 0 0 * * 7 ", "0  7 * * mon-fri"]) {
      for (const timezone of ["UTC", "Etc/GMT+2", "Asia/Calcutta", "US/Eastern"]) {
        expect(await t.runtime.schedule({ ...schedule, cron, timezone })).toMatchObject({
          timezone,
        });
      }
    }
  });

  test("is refused where its times are none, or its input is not the pipeline's", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const schedule = { key: "k", pipeline: "answer", input: question };
    await expect(runtime.schedule({ ...schedule, cron: "often" })).rejects.toThrow(
      /not a valid schedule/,
    );
    await expect(
      runtime.schedule({ ...schedule, cron: "* * * * *", timezone: "Mars/Olympus" }),
    ).rejects.toThrow(/not a valid schedule/);
    await expect(
      runtime.schedule({ ...schedule, cron: "* * * * *", input: { task: "" } }),
    ).rejects.toThrow(/cannot use this/);
    expect(await runtime.schedules()).toEqual([]);
  });
});

function queueOf({ database }: Runtime): string {
  return `"${database.schema}_queue"`;
}

/** What pg-boss does when the minute has come. */
async function occur(runtime: Runtime, clause = ""): Promise<void> {
  const queue = queueOf(runtime);
  await runtime.database.query(
    `INSERT INTO ${queue}.job (name, data) SELECT 'schedules', data FROM ${queue}.schedule ${clause}`,
  );
}
