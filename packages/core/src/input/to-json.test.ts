import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { toJson } from "./to-json.ts";

class Hidden {
  readonly #content = 1;
  get content() {
    return this.#content;
  }
}

class Point {
  readonly x = 1;
}

test.each([
  [new Map([["a", 1]]), "it is of the class Map, whose content JSON leaves out"],
  [{ tags: new Set(["a"]) }, 'its field "tags" is of the class Set'],
  [[{ found: [/a/] }], 'its field "0" is of the class RegExp'],
  [{ failure: new Error("failed") }, 'its field "failure" is of the class Error'],
  [{ later: Promise.resolve(1) }, 'its field "later" is of the class Promise'],
  [{ own: new Hidden() }, 'its field "own" is of the class Hidden'],
  [{ amount: 10n }, "BigInt"],
  [undefined, "JSON cannot express it"],
  [() => 1, "JSON cannot express it"],
])("a value that JSON would lose is an error: %o", (value, message) => {
  expect(() => toJson(value)).toThrow(message);
  expect(() => toJson(value)).toThrow(TypeError);
});

test.each([
  [{}, "{}"],
  [{ a: {}, b: [] }, '{"a":{},"b":[]}'],
  [Object.create(null), "{}"],
  [runInNewContext("({})"), "{}"],
  [{ a: new Point(), b: {} }, '{"a":{"x":1},"b":{}}'],
  [{ at: new Date(0), b: {} }, '{"at":"1970-01-01T00:00:00.000Z","b":{}}'],
  [{ url: new URL("http://localhost/"), b: {} }, '{"url":"http://localhost/","b":{}}'],
  ["{}", '"{}"'],
  [null, "null"],
])("a value that JSON holds is written: %o", (value, json) => {
  expect(toJson(value)).toBe(json);
});

test("a value that is nested too deeply is named as such", () => {
  let deep: unknown = {};
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect(() => toJson(deep)).toThrow("it is nested too deeply");
});
