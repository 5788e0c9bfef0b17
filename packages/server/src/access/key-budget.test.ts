import { PostgresBudgetStore, type CreatedKey } from "@orchestra/runtime";
import { expect, test } from "vitest";
import { openOnServer } from "@orchestra/runtime/test-support";
import { serve } from "../serve.ts";
import { post } from "../test-support/client.ts";
import { startRunServer } from "../test-support/start-run-server.ts";
import { untilKeyIsKnown } from "../test-support/until-key-is-known.ts";

const request = { messages: [{ role: "user", content: "Hello" }], max_tokens: 100 };
const requests = 200;

test("a key's budget holds under 200 requests at once, over two servers", async () => {
  await using t = await startRunServer({
    database: await openOnServer(),
  });
  const estimateUsd = await estimateOf();
  const limitUsd = estimateUsd * 20;
  const key = await t.runtime.keys.create({ name: "team", budget: { usdTotal: limitUsd } });
  await using other = await serve({ runtime: t.runtime, environment: {}, port: 0, graceMs: 0 });
  const headers = { authorization: `Bearer ${key.secret}` };
  for (const url of [t.url, other.url]) await untilKeyIsKnown(url, key.secret);
  const before = t.sandbox.books.entries.length;
  const ends = Array.from({ length: requests }, async (_, index) => {
    const response = await post(index % 2 ? t.url : other.url, request, { headers });
    await response.text();
    return response.status;
  });
  const statuses = await Promise.all(ends);
  expect(statuses).toContain(402);
  expect(statuses).toContain(200);
  await t.runtime.gateway.flushCosts();
  const { spent, held } = await balanceOf(key);
  expect(spent + held).toBeLessThanOrEqual(limitUsd + estimateUsd);
  const paid = t.sandbox.books.entries.slice(before).map(({ costUsd }) => costUsd);
  expect(held).toBe(0);
  expect(spent).toBeCloseTo(
    paid.reduce((sum, costUsd) => sum + costUsd, 0),
    9,
  );

  async function balanceOf({ id }: CreatedKey) {
    const store = new PostgresBudgetStore({ database: t.runtime.database });
    const balance = await store.balance({ scope: "key", id });
    const usd = (picoUsd: bigint) => Number(picoUsd) / 1e12;
    return { spent: usd(balance.spent.picoUsd), held: usd(balance.held.picoUsd) };
  }

  /** What a request is assumed to cost, as the refusal of one says it. */
  async function estimateOf(): Promise<number> {
    const { secret } = await t.runtime.keys.create({ name: "none", budget: { usdTotal: 0 } });
    const asked = { authorization: `Bearer ${secret}` };
    let text = "";
    await expect
      .poll(async () => {
        const response = await post(t.url, request, { headers: asked });
        text = await response.text();
        return response.status;
      })
      .toBe(402);
    return Number(/\$([\d.]+) possible/.exec(text)?.[1]);
  }
});
