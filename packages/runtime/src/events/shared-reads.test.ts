import { expect, test } from "vitest";
import { SharedReads } from "./shared-reads.ts";

test("concurrent requests share a read; a request after its start gets another one", async () => {
  const reads = new SharedReads();
  const begun: string[] = [];
  const read = (key: string) =>
    reads.get(key, () => {
      begun.push(key);
      return Promise.resolve(begun.length);
    });
  const [a, b, other] = [read("a"), read("a"), read("b")];
  expect(begun).toEqual([]);
  expect(await Promise.all([a, b, other])).toEqual([1, 1, 2]);
  expect(await read("a")).toBe(3);
  await expect(reads.get("c", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await read("c")).toBe(4);
});
