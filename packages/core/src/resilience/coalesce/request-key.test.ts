import { assert, jsonValue, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { requestKey } from "./index.ts";

describe("requestKey", () => {
  test("is the SHA-256 of the JSON with sorted keys", () => {
    // printf '{"a":[2,1],"b":"x"}' | sha256sum
    expect(requestKey({ b: "x", a: [2, 1] })).toBe(
      "6fc7fe25026d312beebdf7979c61c71528e2ef57373ffe061110c4cd05cb0d15",
    );
  });

  test("does not depend on the order of keys, at any depth", () => {
    const one = { model: "m", messages: [{ role: "user", content: "Hi" }], extra: { a: 1, b: 2 } };
    const other = {
      extra: { b: 2, a: 1 },
      messages: [{ content: "Hi", role: "user" }],
      model: "m",
    };
    expect(requestKey(other)).toBe(requestKey(one));
  });

  test("depends on the order in lists", () => {
    expect(requestKey([1, 2])).not.toBe(requestKey([2, 1]));
  });

  test("ignores undefined, but not null", () => {
    expect(requestKey({ a: 1, b: undefined })).toBe(requestKey({ a: 1 }));
    expect(requestKey({ a: 1, b: null })).not.toBe(requestKey({ a: 1 }));
  });

  test("distinguishes similar values", () => {
    const values = ["1", 1, true, "true", null, "null", [], {}, [[]], [{}], "", { "": "" }];
    expect(new Set(values.map(requestKey)).size).toBe(values.length);
  });

  test("supports toJSON(), and a key called __proto__", () => {
    expect(requestKey({ at: new Date(0) })).toBe(requestKey({ at: "1970-01-01T00:00:00.000Z" }));
    const odd: unknown = JSON.parse('{"__proto__":1,"a":2}');
    expect(requestKey(odd)).not.toBe(requestKey({ a: 2 }));
    expect(requestKey(Object.assign(Object.create(null), { a: 2 }))).toBe(requestKey({ a: 2 }));
  });

  class Tool {
    readonly #name = "search";
    name() {
      return this.#name;
    }
  }

  test.each([
    ["a function", { tool: () => 1 }],
    ["a symbol", [Symbol("a")]],
    ["a bigint", 1n],
    ["a Map", new Map()],
    ["a Set", { a: new Set([1]) }],
    ["a RegExp", /a/],
    ["a Tool", new Tool()],
    ["NaN", { temperature: Number.NaN }],
    ["Infinity", Infinity],
  ])("refuses %s, which JSON cannot distinguish from other values", (name, value) => {
    expect(() => requestKey(value)).toThrow(TypeError);
    expect(() => requestKey(value)).toThrow(name);
  });

  test("refuses undefined", () => {
    expect(() => requestKey(undefined)).toThrow("The request is undefined");
  });

  test("is equal for two values exactly if their JSON is equal", () => {
    assert(
      property(jsonValue(), jsonValue(), (a, b) => {
        expect(requestKey(a)).toBe(requestKey(reversed(a)));
        expect(requestKey(a) === requestKey(b)).toBe(equal(a, b));
      }),
    );
  });
});

/** The same value, its keys in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, part]) => [key, reversed(part)]));
}

function equal(a: unknown, b: unknown): boolean {
  try {
    expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)));
    return true;
  } catch {
    return false;
  }
}
