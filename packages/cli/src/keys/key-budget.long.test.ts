import { PostgresBudgetStore } from "@orchestra/runtime";
import { expect, test } from "vitest";
import { startCli } from "../test-support/start-cli.ts";
import { startStage } from "../test-support/start-stage.ts";

const requests = 200;
const body = JSON.stringify({ messages: [{ role: "user", content: "Hello" }], max_tokens: 100 });

test("200 concurrent requests to two servers do not exceed a key's budget, though one server is killed", async () => {
  await using stage = await startStage();
  const serve = () =>
    startCli(["serve", "--port", "0", "--grace", "5"], {
      folder: stage.folder,
      environment: { ...stage.environment, OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o" },
    });
  const none = await stage.runtime.keys.create({ name: "none", budget: { usdTotal: 0 } });
  await using one = serve();
  await using two = serve();
  const urlOf = async (server: typeof one) =>
    ((await server.saw("server listens")) as unknown as { readonly url: string }).url;
  const [urlOfOne, urlOfTwo] = await Promise.all([urlOf(one), urlOf(two)]);
  const ask = (url: string, secret: string) =>
    fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
      body,
    });
  const refusal = await (await ask(urlOfOne, none.secret)).text();
  const estimateUsd = Number(/\$([\d.]+) possible/.exec(refusal)?.[1]);
  const limitUsd = estimateUsd * 20;
  const key = await stage.runtime.keys.create({ name: "team", budget: { usdTotal: limitUsd } });
  for (const url of [urlOfOne, urlOfTwo]) {
    const knows = () =>
      fetch(`${url}/models`, { headers: { authorization: `Bearer ${key.secret}` } });
    await expect.poll(async () => (await knows()).status).not.toBe(401);
  }

  const ends = Array.from({ length: requests }, async (_, index) => {
    const response = await ask(index % 2 ? urlOfOne : urlOfTwo, key.secret);
    await response.text();
    return response.status;
  });
  await Promise.race(ends);
  two.stop("SIGKILL");
  const settled = await Promise.allSettled(ends);
  const statuses = settled.map((end) => (end.status === "fulfilled" ? end.value : 0));
  expect(statuses).toContain(200);
  expect(statuses).toContain(402);

  const store = new PostgresBudgetStore({ database: stage.runtime.database });
  const { spent, held } = await store.balance({ scope: "key", id: key.id });
  const bookedUsd = Number(spent.picoUsd + held.picoUsd) / 1e12;
  expect(bookedUsd).toBeLessThanOrEqual(limitUsd + 1e-9);
  // The reservations of the killed server stay: the cost of its calls is unknown.
  const { costUsd } = stage.sandbox.books.totals();
  expect(costUsd).toBeGreaterThan(0);
  expect(costUsd).toBeLessThanOrEqual(bookedUsd + estimateUsd);
});
