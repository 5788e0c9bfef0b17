import { expect, test } from "vitest";
import { describeServerFirst } from "../test-support/databases.ts";
import { ApiKeys } from "./api-keys.ts";
import { createKeyText, hashKeyText, isKeyText } from "./key-text.ts";

const fail = (error: unknown) => {
  throw error;
};

test("a key has a prefix and a checksum, and an invalid key is refused without a query", () => {
  const key = createKeyText();
  expect(key).toMatch(/^ok-orch-[\w-]{48}$/);
  expect(isKeyText(key)).toBe(true);
  const other = key.endsWith("AAAA") ? "BBBB" : "AAAA";
  for (const wrong of [
    "",
    key.slice(1),
    key.slice(0, -1),
    `${key}A`,
    key.slice(0, -4) + other,
    key.toUpperCase(),
  ]) {
    expect(isKeyText(wrong)).toBe(false);
  }
  expect(createKeyText()).not.toBe(key);
});

describeServerFirst("keys", (open) => {
  test("are found by their secret alone, which is stored nowhere", async () => {
    await using database = await open();
    const keys = new ApiKeys(database);
    await using ring = await keys.open(fail);
    const { secret, ...created } = await keys.create({
      name: "team",
      scopes: ["chat", "runs:read"],
      requestsPerMinute: 60,
      budget: { usdPerDay: 5, usdTotal: 0.1 },
      roles: ["writer"],
      models: ["openai/gpt-4o"],
      expiresAt: new Date("2999-01-01"),
    });
    expect(created).toMatchObject({ ending: secret.slice(-4), budget: { usdTotal: 0.1 } });
    await expect.poll(() => ring.find(secret)).toEqual(created);
    expect(ring.find(createKeyText())).toBeUndefined();
    expect(await keys.list()).toEqual([created]);
    const rows = await database.query(`SELECT * FROM "${database.schema}".keys`);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(rows).toMatchObject([{ hash: hashKeyText(secret) }]);
  });

  test("are refused once they are revoked, and their names are free again", async () => {
    await using database = await open();
    const keys = new ApiKeys(database);
    await using ring = await keys.open(fail);
    const first = await keys.create({ name: "team" });
    await expect(keys.create({ name: "team" })).rejects.toThrow(/There is a key named "team"/);
    await expect.poll(() => ring.find(first.secret)?.id).toBe(first.id);
    const { revokedAt } = await keys.revoke("team");
    expect(revokedAt).toBeDefined();
    await expect.poll(() => ring.find(first.secret)).toBeUndefined();
    await keys.create({ name: "team" });
    expect(await keys.revoke(first.id)).toMatchObject({ revokedAt });
    await expect(keys.revoke("nobody")).rejects.toThrow(/no key "nobody"/);
  });

  test("are refused after they have expired", async () => {
    await using database = await open();
    const keys = new ApiKeys(database);
    const { secret } = await keys.create({ name: "old", expiresAt: new Date(Date.now() - 1) });
    await using ring = await keys.open(fail);
    expect(ring.size).toBe(1);
    expect(ring.find(secret)).toBeUndefined();
  });

  test("share the rate of a key among all processes", async () => {
    await using database = await open();
    await using second = await open({ like: database });
    const keys = new ApiKeys(database);
    const key = await keys.create({ name: "team", requestsPerMinute: 3 });
    await using one = await keys.open(fail);
    await using two = await new ApiKeys(second).open(fail);
    for (const ring of [one, two, one]) await ring.limits.take(key);
    await expect(two.limits.take(key)).rejects.toMatchObject({
      kind: "rate_limit_error",
      message: expect.stringContaining("The key team has used up its 3 requests of a minute."),
      retryAfterMs: expect.any(Number),
    });
  });
});
