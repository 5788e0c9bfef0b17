import { expect, test } from "vitest";
import { describeServerFirst } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

describeServerFirst("a schedule", (open) => {
  test("starts one run for each occurrence, whichever worker sees it", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const other = await t.another();
    const schedule = { key: "nightly", cron: "0 3 * * *", timezone: "Europe/Vienna" };
    await runtime.schedule({ ...schedule, pipeline: "answer", input: question, priority: 2 });
    expect(await runtime.schedules()).toMatchObject([{ ...schedule, input: question }]);
    await Promise.all([runtime.work(), other.work()]);

    // What pg-boss does when the minute has come.
    const queue = `"${runtime.database.schema}_queue"`;
    const { query } = runtime.database;
    const occur = () =>
      query(
        `INSERT INTO ${queue}.job (name, data) SELECT 'schedules', data FROM ${queue}.schedule`,
      );
    await occur();
    await occur();
    const started = async () => (await runtime.list()).runs;
    await expect.poll(async () => (await started()).length).toBe(2);
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
