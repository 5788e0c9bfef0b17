import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { completion } from "../completions/__fixtures__/completions.ts";
import { Orchestra } from "../orchestra.ts";

const models = { data: [{ id: "priced/model", pricing: { prompt: "0.001", completion: "0.01" } }] };

/** An orchestra with a budget in dollars, whose catalog fails so many times. */
async function start(failures: number, { model = "priced/model", retries = 5 } = {}) {
  let failed = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json");
    if (request.method === "POST") {
      requests += 1;
      return void response.end(JSON.stringify(completion()));
    }
    failed += 1;
    if (failed <= failures) return void response.writeHead(503).end("{}");
    response.end(JSON.stringify(models));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const orchestra = new Orchestra({
    logger: { error() {}, warn() {}, info() {}, debug() {} },
    environment: {
      OPENROUTER_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENROUTER_API_KEY: "sk-or-v1-0123456789",
      OPENROUTER_DEFAULT_MODEL: model,
      LLM_BUDGET_USD_PER_DAY: "100",
      LLM_MAX_RETRIES: String(retries),
    },
  });
  return {
    orchestra,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("a call with a budget in dollars waits for a catalog that fails once", async () => {
  await using t = await start(1);
  expect(await t.orchestra.chat("Hello")).not.toBe("");
  expect(t.requests()).toBe(1);
});

test("an unavailable catalog is reported as the cause, and no request is sent", async () => {
  await using t = await start(Infinity, { retries: 1 });
  await expect(t.orchestra.chat("Hello")).rejects.toThrow(
    "The catalog of models could not be loaded, so the price of priced/model is not known.",
  );
  expect(t.requests()).toBe(0);
});

test("a model that the catalog does not list is refused with the nearest that it lists", async () => {
  await using t = await start(0, { model: "priced/modl" });
  await expect(t.orchestra.chat("Hello")).rejects.toMatchObject({
    code: "budget_error",
    reason: "model_not_found",
    message: expect.stringMatching(
      /the catalog does not list the model[^]+OPENROUTER_DEFAULT_MODEL.+ Nearest: priced\/model\.$/,
    ),
  });
  expect(t.requests()).toBe(0);
});
