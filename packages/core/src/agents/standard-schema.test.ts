import { tool } from "@langchain/core/tools";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { scope, type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod/v3";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { defineRole } from "./define-role.ts";
import type { Role } from "./role.ts";

const base = { name: "counter", system: "You count." };

/** The same role in each library: a text becomes a number, a default is filled in, the answer becomes a date. */
const roles = {
  "zod 4": defineRole({
    ...base,
    input: z.object({ limit: z.string().transform(Number), step: z.number().default(2) }),
    output: z.object({ at: z.string().transform((text) => new Date(text)) }),
    prompt: ({ limit, step }) => `Limit ${limit + 1}, step ${step + 1}`,
  }),
  "zod/mini": defineRole({
    ...base,
    input: mini.object({
      limit: mini.pipe(mini.string(), mini.transform(Number)),
      step: mini._default(mini.number(), 2),
    }),
    output: mini.object({
      at: mini.pipe(
        mini.string(),
        mini.transform((text) => new Date(text)),
      ),
    }),
    prompt: ({ limit, step }) => `Limit ${limit + 1}, step ${step + 1}`,
  }),
  "zod 3": defineRole({
    ...base,
    input: z3.object({ limit: z3.string().transform(Number), step: z3.number().default(2) }),
    output: z3.object({ at: z3.string().transform((text) => new Date(text)) }),
    prompt: ({ limit, step }) => `Limit ${limit + 1}, step ${step + 1}`,
  }),
  valibot: defineRole({
    ...base,
    input: v.object({
      limit: v.pipe(v.string(), v.transform(Number)),
      step: v.optional(v.number(), 2),
    }),
    output: toStandardJsonSchema(
      v.object({
        at: v.pipe(
          v.string(),
          v.transform((text) => new Date(text)),
        ),
      }),
    ),
    prompt: ({ limit, step }) => `Limit ${limit + 1}, step ${step + 1}`,
  }),
  arktype: defineRole({
    ...base,
    input: type({ limit: type("string").pipe(Number), step: "number = 2" }),
    output: type({ at: type("string").pipe((text) => new Date(text)) }),
    prompt: ({ limit, step }) => `Limit ${limit + 1}, step ${step + 1}`,
  }),
};

// What callers give, before defaults and transforms, and what they get.
type Same = Role<{ limit: string; step?: number | undefined }, { at: Date }>;
expectTypeOf(roles["zod 4"]).toEqualTypeOf<Same>();
expectTypeOf(roles["zod/mini"]).toEqualTypeOf<Same>();
expectTypeOf(roles["zod 3"]).toEqualTypeOf<Same>();
expectTypeOf(roles.valibot).toEqualTypeOf<Same>();
expectTypeOf(roles.arktype).toExtend<Role<{ limit: string; step?: number }, { at: Date }>>();

const at = "2026-01-01T00:00:00.000Z";

describe.each(Object.entries(roles))("a role with schemas of %s", (_, role) => {
  const start = (content: string) =>
    startTestOrchestra({ sandbox: { fixtures: [{ match: {}, response: { content } }] } });

  test("accepts the input of its schema, and returns the output of its schema", async () => {
    await using t = await start(JSON.stringify({ at }));
    const output: { at: Date } = await t.orchestra.agent(role).invoke({ limit: "3" });
    expect(output).toEqual({ at: new Date(at) });
    const { body } = t.sandbox.books.entries[0] ?? {};
    expect(JSON.stringify(body?.["messages"])).toContain("Limit 4, step 3");
    expect(JSON.stringify(body?.["response_format"])).toContain('"at":{"type":"string"');
  });

  test("streams the same at its end", async () => {
    await using t = await start(JSON.stringify({ at }));
    const parts = await Array.fromAsync(await t.orchestra.agent(role).stream({ limit: "3" }));
    expect(parts.at(-1)).toEqual({ at: new Date(at) });
  });

  test("reports where the input does not fit, before a request is sent", async () => {
    await using t = await start("");
    const wrong = t.orchestra.agent(role).invoke({ limit: 3 as never });
    await expect(wrong).rejects.toThrow(/cannot use its input: [^]*limit/);
    expect(t.sandbox.books.entries).toEqual([]);
  });

  test("shows the model where its answer does not fit", async () => {
    await using t = await start('{"at":5}');
    await expect(t.orchestra.agent(role).invoke({ limit: "3" })).rejects.toThrow("at");
    expect(JSON.stringify(t.sandbox.books.entries[1]?.body)).toContain("does not fit: at");
  });
});

test("a transform may be in any part of an output, and of a tool's schema", async () => {
  const length = z.string().transform((text) => text.length);
  const schema = z.object({
    union: z.union([length, z.null()]),
    record: z.record(z.string(), length),
    filled: length.default(0),
  });
  const given = { union: "abc", record: { a: "ab" } };
  const count = tool((seen) => JSON.stringify(seen), { name: "count", description: "", schema });
  await using t = await startTestOrchestra({
    sandbox: {
      fixtures: [
        {
          match: { hasToolResult: false },
          response: { toolCalls: [{ name: "count", arguments: JSON.stringify(given) }] },
        },
        { match: { hasToolResult: true }, response: { content: JSON.stringify(given) } },
      ],
    },
  });
  const agent = t.orchestra.agent({ ...base, output: schema, tools: [count] });
  const counted = { union: 3, record: { a: 2 }, filled: 0 };
  expect(await agent.invoke("Count.")).toEqual(counted);
  expect(t.sandbox.books.entries[1]?.body).toMatchObject({
    messages: expect.arrayContaining([
      expect.objectContaining({ role: "tool", content: JSON.stringify(counted) }),
    ]),
  });
});

describe("an output that is not an object is asked for in one", () => {
  const list = ["a", "b"];
  const union = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("list"), list: z.array(z.string()) }),
    z.object({ kind: z.literal("none") }),
  ]);
  const nested = z.union([z.string(), z.array(z.lazy((): z.ZodType => nested))]);
  const nested3 = z3.union([z3.string(), z3.array(z3.lazy((): z3.ZodType => nested3))]);
  const nestedV = v.union([v.string(), v.array(v.lazy((): v.GenericSchema => nestedV))]);
  const nestedArk = scope({ nested: "string | nested[]" }).export().nested;

  test.each<[string, StandardSchemaV1, answer: unknown, output?: unknown]>([
    ["a list", z.array(z.string()), list],
    ["a text", z.string(), "a"],
    ["a choice", z.enum(["a", "b"]), "a"],
    ["null", z.number().nullable(), null],
    ["a union", union, { kind: "list", list }],
    ["a part of itself", nested, [["a"], "b"]],
    ["a transform", z.array(z.string()).transform(({ length }) => length), list, 2],
    ["a list of zod/mini", mini.array(mini.string()), list],
    ["a list of zod 3", z3.array(z3.string()), list],
    ["a list of valibot", toStandardJsonSchema(v.array(v.string())), list],
    ["a list of arktype", type("string[]"), list],
    ["a part of itself of zod 3", nested3, [["a"], "b"]],
    ["a part of itself of valibot", toStandardJsonSchema(nestedV), [["a"], "b"]],
    ["a part of itself of arktype", nestedArk, [["a"], "b"]],
  ])("%s", async (_, output, answer, expected = answer) => {
    const content = JSON.stringify({ answer });
    await using t = await startTestOrchestra({
      sandbox: { fixtures: [{ match: {}, response: { content } }] },
    });
    const agent = t.orchestra.agent({ ...base, output });
    expect(await agent.invoke("Which?")).toEqual(expected);
    expect((await Array.fromAsync(await agent.stream("Which?"))).at(-1)).toEqual(expected);
    const { response_format } = t.sandbox.books.entries[0]?.body ?? {};
    expect(response_format).toMatchObject({
      json_schema: {
        strict: true,
        schema: { type: "object", properties: { answer: expect.anything() } },
      },
    });
  });

  test("its functions get the output, and not the object", async () => {
    await using t = await startTestOrchestra({
      sandbox: { fixtures: [{ match: {}, response: { content: '{"answer":["a","b"]}' } }] },
    });
    const checked: unknown[] = [];
    const agent = t.orchestra.agent({
      ...base,
      output: z.array(z.string()),
      check: (answer) => (checked.push(answer), []),
      finish: (answer) => answer.join(" and "),
      partial: (answer) => answer.join(", "),
    });
    const parts = await Array.fromAsync(await agent.stream("Which?"));
    expect(parts.slice(-2)).toEqual(["a, b", "a and b"]);
    expect(checked).toEqual([list]);
  });
});

const endless = z.object({
  get next() {
    return endless;
  },
});

describe("a schema that cannot work is refused where the role is defined", () => {
  test.each<[string, object, string]>([
    ["valibot without JSON Schema", v.object({ a: v.string() }), "toStandardJsonSchema()"],
    ["valibot with a date", toStandardJsonSchema(v.object({ a: v.date() })), "valibot"],
    ["arktype with a date", type({ a: "Date" }), "arktype"],
    ["zod with a date", z.object({ a: z.date() }), "a date"],
    [
      "zod 3 with a date",
      z3.object({ a: z3.array(z3.object({ b: z3.date() })) }),
      'a date at "a.b"',
    ],
    ["zod with a file", z.object({ a: z.object({ b: z.file().optional() }) }), '"a.b" is a file'],
    ["zod with never", z.object({ a: z.array(z.never()).min(1) }), '"a[]" takes no value'],
    ["zod without a choice", z.object({ a: z.enum([]) }), '"a" takes no value'],
    ["zod with crossed bounds", z.object({ a: z.number().min(3).max(2) }), "its minimum is above"],
    ["zod without an end", z.object({ a: endless }), '"a.next" contains itself without an end'],
    ["zod 3 with never", z3.object({ a: z3.tuple([z3.never()]) }), '"a[]" takes no value'],
    ["valibot with never", toStandardJsonSchema(v.object({ a: v.never() })), '"a" takes no value'],
    ["arktype with never", type({ a: "never" }), '"a"'],
    ["zod 3 with a map", z3.object({ a: z3.map(z3.string(), z3.string()).optional() }), "a map"],
    ["JSON Schema", { type: "object", properties: {} }, "definition.output"],
    [
      "a Standard Schema of its own",
      { "~standard": { version: 1, vendor: "own", validate: (value: unknown) => ({ value }) } },
      "schema of own has no JSON Schema",
    ],
  ])("%s", (_, output, problem) => {
    expect(() => defineRole({ ...base, output: output as z.ZodType })).toThrow(problem);
  });

  test.each([
    [
      "what becomes something that JSON lacks",
      z3.object({ a: z3.coerce.date(), b: z3.string().pipe(z3.coerce.date()) }),
    ],
    [
      "never where it may be left out",
      z.object({
        a: z.never().optional(),
        b: z.array(z.never()),
        c: z.union([z.never(), z.string()]),
      }),
    ],
    ["a part of itself that may be left out", z.object({ next: endless.nullable() })],
  ])("but not %s", (_, output) => {
    expect(() => defineRole({ ...base, output })).not.toThrow();
  });

  test("an input needs no JSON Schema, and may be read later", async () => {
    await using t = await startTestOrchestra();
    const dated = t.orchestra.agent({
      ...base,
      input: v.object({ at: v.date() }),
      prompt: ({ at: date }) => date.toISOString(),
    });
    await dated.invoke({ at: new Date(at) });
    expect(JSON.stringify(t.sandbox.books.entries[0]?.body)).toContain(at);

    const isKnown = async (name: string) => name === "Ada";
    const slow = v.pipeAsync(v.string(), v.checkAsync(isKnown, "is not known"));
    for (const input of [slow, z.string().refine(isKnown, "is not known")]) {
      const late = t.orchestra.agent({ ...base, input });
      await late.invoke("Ada");
      await expect(late.invoke("x")).rejects.toThrow("cannot use its input: ✖ is not known");
    }
  });
});
