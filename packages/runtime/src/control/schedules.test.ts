import { expect, test } from "vitest";
import type { Runtime } from "../runtime.ts";
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

    const queue = queueOf(runtime);
    const { query } = runtime.database;
    await occur(runtime);
    await occur(runtime);
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
async function occur(runtime: Runtime): Promise<void> {
  const queue = queueOf(runtime);
  await runtime.database.query(
    `INSERT INTO ${queue}.job (name, data) SELECT 'schedules', data FROM ${queue}.schedule`,
  );
}
