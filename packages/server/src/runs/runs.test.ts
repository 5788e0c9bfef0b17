import type { Run } from "@orchestra/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  describeServerFirst,
  holdReads,
  openOnServer,
  question,
} from "@orchestra/runtime/test-support";
import { connectTo, errorOf } from "../test-support/client.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";
import { startTestServer } from "../test-support/start-test-server.ts";
import { runSchema } from "./run-schema.ts";

const runOf = async (response: Response): Promise<Run> => {
  const run = (await response.json()) as Run;
  // It is as the document says.
  runSchema.parse(run);
  return run;
};

describeServerFirst("runs over HTTP", (open) => {
  let t: RunServer;

  beforeAll(async () => {
    t = await startRunServer({ database: await open(), settings: { maxPayloadBytes: 2000 } });
    await t.work();
  });
  afterAll(() => t[Symbol.asyncDispose]());

  const start = async (body: object = {}, headers = {}) =>
    t.post("/runs", { pipeline: "answer", input: question, ...body }, headers);

  test("are started, executed and shown", async () => {
    const started = await start({ priority: 3 });
    expect(started.status).toBe(201);
    const run = await runOf(started);
    expect(started.headers.get("location")).toBe(`/v1/runs/${run.id}`);
    await t.runtime.wait(run.id);
    const ended = await runOf(await t.get(`/runs/${run.id}`));
    expect(ended).toMatchObject({ status: "succeeded", pipeline: "answer", priority: 3 });
    expect(ended.usage.calls).toBeGreaterThan(2);
  });

  test("of one Idempotency-Key are one, and other work of it is a conflict", async () => {
    const headers = { "idempotency-key": "order-7" };
    const [one, two] = [
      await runOf(await start({}, headers)),
      await runOf(await start({}, headers)),
    ];
    expect(one.id).toBe(two.id);
    const other = await start({ input: { task: "Another one?" } }, headers);
    expect(other.status).toBe(409);
    expect(await errorOf(other)).toMatchObject({
      code: "idempotency_conflict",
      metadata: { run_id: one.id },
    });
  });

  test.each([
    ["GET", "/runs?pipeline=", undefined, "pipeline is empty: expected an id"],
    ["POST", "/runs", { pipeline: "answer" }, "input is missing: expected a value."],
    [
      "POST",
      "/runs",
      { pipeline: "answer", task: "x" },
      "input is missing: expected a value. The body has unknown fields: task.",
    ],
    ["POST", "/runs/cancel", { filter: { status: ["odd"] } }, 'filter.status[0] is "odd"'],
  ])(
    "return the right HTTP error for a wrong request: %s %s",
    async (method, path, body, message) => {
      const response = await (method === "GET" ? t.get(path) : t.post(path, body));
      expect(response.status).toBe(400);
      const error = await errorOf(response);
      expect(error.message).toMatch(new RegExp(`^${message.replaceAll(/[[\]]/g, "\\$&")}`));
      expect(error.message.startsWith(error.param ?? "none")).toBe(true);
    },
  );

  test("of an Idempotency-Key that is too long are refused", async () => {
    const response = await start({}, { "idempotency-key": "a".repeat(257) });
    expect(await errorOf(response)).toMatchObject({
      param: "idempotency-key",
      message: "idempotency-key is longer than 256 characters.",
    });
  });

  test.each(["naïve", Buffer.from("a–b").toString("latin1")])(
    "of an Idempotency-Key that is not of ASCII characters are refused: %j",
    async (key) => {
      const response = await start({}, { "idempotency-key": key });
      expect(await errorOf(response)).toMatchObject({
        param: "idempotency-key",
        message: "idempotency-key must be of printable ASCII characters.",
      });
    },
  );

  test("are approved or rejected", async () => {
    for (const [action, status] of [
      ["approve", "succeeded"],
      ["reject", "rejected"],
    ] as const) {
      const { id } = await runOf(await start({ approval: true }));
      for await (const { type } of t.runtime.events(id)) if (type === "run-waiting") break;
      const waiting = await runOf(await t.get(`/runs/${id}`));
      const [{ id: interrupt } = { id: "" }] =
        waiting.waiting?.for === "approval" ? waiting.waiting.interrupts : [];
      const decided = await t.post(`/runs/${id}/${action}`, { interrupt, by: "Ada" });
      expect(decided.status).toBe(200);
      expect(await t.runtime.wait(id)).toMatchObject({ status });
      const again = await t.post(`/runs/${id}/${action}`);
      expect(again.status).toBe(409);
      expect(await errorOf(again)).toMatchObject({
        code: "run_state",
        metadata: { run_status: status },
      });
    }
  });

  test("are repeated, forked, compared, exported and deleted", async () => {
    const { id } = await runOf(await start());
    await t.runtime.wait(id);
    expect((await t.post(`/runs/${id}/retry`)).status).toBe(200);
    await t.runtime.wait(id);
    const forked = await t.post(`/runs/${id}/fork`, { models: { executor: "openai/gpt-4o-mini" } });
    expect(forked.status).toBe(201);
    const fork = await runOf(forked);
    expect(fork.forkedFrom).toEqual({ run: id });
    await t.runtime.wait(fork.id);
    const compared = await t.get(`/runs/${id}/compare?with=${fork.id}`);
    expect(await compared.json()).toMatchObject({ a: { id }, b: { id: fork.id } });
    expect(await (await t.get(`/runs/${id}/export`)).json()).toMatchObject({ format: 1 });
    const gone = await fetch(`${t.url}/runs/${fork.id}`, { method: "DELETE" });
    expect(await gone.json()).toEqual({ id: fork.id, deleted: true });
    expect((await t.get(`/runs/${fork.id}`)).status).toBe(404);
  });

  test("have their usage summed up by pipeline and status", async () => {
    const { costUsd } = t.sandbox.books.totals();
    for (const by of ["pipeline", "status"]) {
      const { lines } = (await (await t.get(`/usage?by=${by}`)).json()) as {
        readonly lines: readonly { readonly costUsd: number; readonly runs: number }[];
      };
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.reduce((sum, line) => sum + line.costUsd, 0)).toBeLessThanOrEqual(costUsd);
    }
  });

  test("are listed page by page, by status and by pipeline", async () => {
    const ids: string[] = [];
    let next: string | undefined;
    do {
      const query = new URLSearchParams({
        limit: "2",
        status: "succeeded,rejected",
        ...(next ? { after: next } : {}),
      });
      const page = (await (await t.get(`/runs?${query.toString()}`)).json()) as {
        runs: Run[];
        next?: string;
      };
      ids.push(...page.runs.map(({ id }) => id));
      next = page.next;
    } while (next !== undefined);
    const { runs } = await t.runtime.list({ status: ["succeeded", "rejected"] });
    expect(ids).toEqual(runs.map(({ id }) => id));
    expect(await (await t.get("/runs?pipeline=none")).json()).toEqual({ runs: [] });
  });

  test.each([
    ["GET", "/runs/none", undefined, 404, "run_not_found", /no run "none".*\.$/],
    ["GET", "/runs?status=gone", undefined, 400, "invalid_request", /status.* expected one of/],
    ["GET", "/runs?limit=0", undefined, 400, "invalid_request", /limit is 0: expected 1 or more/],
    ["GET", "/runs?limit=.", undefined, 400, "invalid_request", /limit is a text: expected a/],
    ["GET", "/runs?limit=all", undefined, 400, "invalid_request", /limit is a text: expected a/],
    ["GET", "/runs?limit=1&limit=2", undefined, 400, "invalid_request", /limit is an array/],
    ["GET", "/runs?after=x", undefined, 400, "invalid_request", /not a cursor.*\.$/],
    ["GET", "/runs?statuss=queued", undefined, 400, "invalid_request", /did you mean status/],
    ["GET", "/runs/none/events", undefined, 404, "run_not_found", /no run/],
    ["POST", "/runs", { input: 1 }, 400, "invalid_request", /pipeline is missing: expected a text/],
    [
      "POST",
      "/runs",
      { pipeline: "nope", input: 1 },
      404,
      "unknown_pipeline",
      /known are answer\.$/,
    ],
    [
      "POST",
      "/runs",
      { pipeline: "answer", input: {} },
      400,
      "invalid_request",
      /cannot use this input.*\.$/s,
    ],
    [
      "POST",
      "/runs",
      { pipeline: "answer", input: { task: "x".repeat(2000) } },
      413,
      "payload_too_large",
      /at most 2,000/,
    ],
    [
      "POST",
      "/runs",
      { pipeline: "answer", input: question, deadline: "soon" },
      400,
      "invalid_request",
      /ISO 8601/,
    ],
    ["POST", "/runs/none/cancel", undefined, 404, "run_not_found", /no run/],
    ["POST", "/runs/none/cancel", { reason: "\0" }, 400, "invalid_request", /^reason has a NUL/],
    ["PUT", "/runs/none", undefined, 405, "method_not_allowed", /expected DELETE or GET/],
  ])("%s %s is refused: %j", async (method, path, body, status, code, message) => {
    const response = await fetch(t.url + path, {
      method,
      ...(body
        ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } }
        : {}),
    });
    const error = await errorOf(response);
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(error).not.toHaveProperty("metadata", {});
    expect(response.status).toBe(status);
  });
});

test("a server that stops answers the requests in flight", async () => {
  await using t = await startRunServer({ database: await openOnServer() });
  const { id } = await t.runtime.start("answer", question);
  const reads = holdReads(t.runtime.database);
  const asked = t.get(`/runs/${id}`);
  await reads.begun;
  const closed = t.server.close({ graceMs: 60_000 });
  reads.release();
  expect((await asked).status).toBe(200);
  await closed;
});

test("a client that does not read a large answer is cut off, and does not delay the stop of the server", async () => {
  await using t = await startRunServer({
    database: await openOnServer(),
    environment: { LLM_READER_TIMEOUT: "0.2" },
  });
  // More than the buffers of a connection hold.
  const task = "x".repeat(15_000_000);
  const { id } = await t.runtime.start("answer", { task });
  const reads = holdReads(t.runtime.database);
  using connection = connectTo(t.url);
  connection.socket.pause();
  connection.socket.write(`GET /v1/runs/${id} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await reads.begun;
  const closed = t.server.close({ graceMs: 600_000 });
  reads.release();
  await closed;
  connection.socket.resume();
  expect((await connection.ended).length).toBeLessThan(task.length);
});

test("an error about a path or a query names the wrong part", async () => {
  await using t = await startRunServer({ database: await openOnServer() });
  const { id } = await t.runtime.start("answer", question);
  const param = async (path: string) => (await errorOf(await t.get(path))).param;
  expect(await param("/runs?after=x")).toBe("after");
  expect(await param(`/runs/${id}/events?after=x`)).toBe("after");
  expect(await param("/runs/%00")).toBe("id");
  expect(await param("/runs/%00/events")).toBe("id");
  expect(await param(`/runs/${id}/compare?with=%00`)).toBe("with");
});

test("a server without a runtime reports that it has no runs", async () => {
  await using t = await startTestServer();
  const response = await fetch(`${t.url}/runs`);
  expect(response.status).toBe(404);
  expect(await errorOf(response)).toMatchObject({ code: "no_runs" });
});

test("/readyz has the state of the database and the queue", async () => {
  await using t = await startRunServer({ database: await openOnServer() });
  const checks = async () => {
    const { checks: found } = (await (await fetch(new URL("/readyz", t.url))).json()) as {
      readonly checks: object;
    };
    return found;
  };
  await t.runtime.start("answer", question);
  const queue = { ok: true, reason: "no worker is running (queued runs: 1)" };
  expect(await checks()).toMatchObject({ database: { ok: true }, queue });
});

test("all runs of a filter are cancelled, once their number is confirmed", async () => {
  await using t = await startRunServer({ database: await openOnServer() });
  for (let index = 0; index < 3; index += 1) await t.runtime.start("answer", question);
  const filter = { pipeline: "answer" };
  const told = await t.post("/runs/cancel", { filter });
  expect(await told.json()).toEqual({ matched: 3, changed: 0, failed: [] });
  const wrong = await t.post("/runs/cancel", { filter, confirm: 2 });
  expect(wrong.status).toBe(409);
  expect(await errorOf(wrong)).toMatchObject({ code: "count_changed", metadata: { matched: 3 } });
  for (const [body, param] of [
    [{ filter, confirm: 3, reason: "\0" }, "reason"],
    [{ filter: { pipeline: "" } }, "filter.pipeline"],
  ] as const) {
    const refused = await t.post("/runs/cancel", body);
    expect([refused.status, (await errorOf(refused)).param]).toEqual([400, param]);
  }
  const done = await t.post("/runs/cancel", { filter, confirm: 3, reason: "not needed" });
  expect(await done.json()).toEqual({ matched: 3, changed: 3, failed: [] });
  const { runs } = await t.runtime.list({ status: "cancelled" });
  expect(runs.map(({ cancelReason }) => cancelReason)).toEqual(Array(3).fill("not needed"));
  expect(await (await t.post("/runs/retry", { filter: {} })).json()).toMatchObject({ matched: 0 });
  const again = { filter: { status: ["cancelled"] }, confirm: 3 };
  expect(await (await t.post("/runs/retry", again)).json()).toMatchObject({ changed: 3 });
});
