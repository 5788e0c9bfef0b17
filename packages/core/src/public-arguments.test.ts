import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { completion } from "./completions/__fixtures__/completions.ts";
import * as extend from "./extend.ts";
import * as core from "./index.ts";
import * as pipelines from "./pipelines/index.ts";
import * as conformance from "./testing/conformance.ts";
import * as testing from "./testing/index.ts";
import { silentLogger } from "./usage/index.ts";

/** JavaScript's callers have no types. */
type Untyped = (...args: readonly unknown[]) => unknown;

const wrongValues: readonly (readonly [name: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["5", 5],
  ["NaN", Number.NaN],
  ["a text", "x"],
  ["an array", []],
  ["an array of null", [null]],
  ["an object", {}],
  ["an object without a prototype", Object.create(null)],
  ["a function", () => undefined],
];

/** Functions whose first argument may be anything: they read what others hand to them, or take none. */
const takesAnything = new Set([
  "findingsSchema",
  "reviewSchema",
  "idempotencyKeyOf",
  "artifactsFolderOf",
  "runIdOf",
  "readTier",
  "isObject",
  "jsonOf",
  "messageOf",
  "bounded",
  "quoted",
  "resolveReference",
  "expected",
  "keyRefusal",
  "modelRefusal",
  "roleRefusal",
]);

/** What fits, of the wrong values. */
const fitting: Readonly<Record<string, readonly string[]>> = {
  Completions: ["a function"],
  FakeClock: ["undefined", "5"],
  Ledger: wrongValues.map(([name]) => name),
  Recording: ["an array"],
  MemoryJournal: wrongValues.map(([name]) => name),
  escapeControls: ["a text"],
  executor: ["undefined", "an object", "an object without a prototype"],
  inspectSettings: ["undefined", "an object", "an object without a prototype"],
  nodeOf: ["a text"],
  readVariable: ["an array", "an array of null", "an object", "an object without a prototype"],
  registerSecret: ["undefined", "a text"],
  researcher: ["undefined", "an object", "an object without a prototype"],
  settingsWarnings: ["undefined", "an object", "an object without a prototype"],
  textOfSetting: ["a text"],
  validator: ["undefined", "an object", "an object without a prototype"],
};

function isError(value: Function): boolean {
  return value === Error || value.prototype instanceof Error;
}

/** Errors are Orchestra's to make, but for those that a policy or a route rejects with. */
const exported = Object.entries({ conformance, core, extend, pipelines, testing }).flatMap(
  ([entry, api]) =>
    Object.entries(api).flatMap(([name, value]) =>
      typeof value === "function" && (!isError(value) || value === core.ModelError)
        ? [{ entry, name, call: value as Untyped }]
        : [],
    ),
);

async function errorOf(call: Untyped, ...args: readonly unknown[]): Promise<unknown> {
  const isClass = /^class\b/.test(Function.prototype.toString.call(call));
  try {
    await (isClass ? Reflect.construct(call, args) : call(...args));
  } catch (error) {
    return error ?? "nothing";
  }
  return undefined;
}

/** What is wrong with an error for a wrong argument: it is raw, or says neither what is expected nor how to fix it. */
function faultOf(error: unknown): string | undefined {
  if (error === undefined) return "accepted";
  if (!core.OrchestraError.isInstance(error)) return `raw: ${inspect(error)}`;
  const isHelpful = /expected|must (be|have)|required|did you mean/i.test(error.message);
  return isHelpful ? undefined : `says nothing of what is expected: ${error.message}`;
}

describe.each(exported)("$entry: $name()", ({ name, call }) => {
  const fits = takesAnything.has(name) ? wrongValues.map(([each]) => each) : fitting[name];
  test.each(wrongValues)("given %s", async (value, given) => {
    const fault = faultOf(await errorOf(call, given));
    expect(fault).toBe(fits?.includes(value) ? "accepted" : undefined);
  });
});

const orchestra = new core.Orchestra({
  environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" },
  logger: silentLogger,
  fetch: async () => Response.json(completion()),
});
const role = core.defineRole({
  name: "writer",
  system: "You write.",
  input: z.object({ task: z.string() }),
  output: z.object({ text: z.string() }),
});
const limiter = core.createRateLimiter({ clock: core.systemClock });
const journal = new core.MemoryJournal();
const objects: Readonly<Record<string, object>> = {
  orchestra,
  "orchestra.completions": orchestra.completions,
  "orchestra.model": orchestra.model,
  "orchestra.ledger": orchestra.ledger,
  "orchestra.catalog": orchestra.catalog,
  agent: orchestra.agent(role),
  limiter,
  journal,
};

/** The methods of an object's own class. */
function methodsOf(object: object): readonly (readonly [name: string, call: Untyped])[] {
  const prototype = Object.getPrototypeOf(object) as object;
  const names = new Set([...Object.keys(object), ...Object.getOwnPropertyNames(prototype)]);
  return [...names].flatMap((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    if (name === "constructor" || name.startsWith("_") || name.startsWith("lc_") || descriptor?.get)
      return [];
    const value: unknown = (object as Record<string, unknown>)[name];
    return typeof value === "function" && !isError(value)
      ? [[name, value.bind(object) as Untyped] as const]
      : [];
  });
}

const methods = Object.entries(objects).flatMap(([name, object]) =>
  methodsOf(object).map(([method, call]) => ({ method: `${name}.${method}`, call })),
);

describe.each(methods)("$method()", ({ call }) => {
  test.each(wrongValues)("given %s throws no raw error", async (_, given) => {
    expect(rawOf(await errorOf(call, given))).toBeUndefined();
  });
  test.each(wrongValues)("given %s behind a text throws no raw error", async (_, given) => {
    expect(rawOf(await errorOf(call, "x", given))).toBeUndefined();
  });
});

/** What is wrong with an error: it is raw. A number out of range is a `RangeError` of the limiter. */
function rawOf(error: unknown): string | undefined {
  const isOfRange = error instanceof RangeError && error.message.includes("expected");
  const isTyped = error === undefined || core.OrchestraError.isInstance(error) || isOfRange;
  return isTyped ? undefined : inspect(error);
}
