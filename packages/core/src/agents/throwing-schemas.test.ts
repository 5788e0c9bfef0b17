import { tool } from "@langchain/core/tools";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod/v3";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";

/** Code of a schema, which throws in one way or another. */
const failures: readonly [string, string, () => never | Promise<never>][] = [
  [
    "an error",
    "mine",
    () => {
      throw new Error("mine");
    },
  ],
  [
    "null",
    "null",
    () => {
      throw null;
    },
  ],
  [
    "a text",
    "no use",
    () => {
      throw "no use";
    },
  ],
  ["an error, later", "late", () => Promise.reject(new Error("late"))],
  ["undefined, later", "undefined", () => Promise.reject()],
];

type Code = () => never | Promise<never>;

/** A Standard Schema without a library. */
function ownSchema(code: Code): StandardSchemaV1 {
  const json = () => ({ type: "object", properties: { due: { type: "object" } } });
  const props = { version: 1, vendor: "own", validate: () => code() };
  return { "~standard": { ...props, jsonSchema: { input: json, output: json } } } as never;
}

/** The schemas of `{ due: { days: "x" } }`, whose code is that of `due.days`. */
const schemas: readonly [string, string, (code: Code) => StandardSchemaV1][] = [
  [
    "refine of zod",
    ' at "due.days"',
    (code) => z.object({ due: z.object({ days: z.string().refine(code) }) }),
  ],
  [
    "superRefine of zod",
    ' at "due.days"',
    (code) => z.object({ due: z.optional(z.object({ days: z.string().superRefine(code) })) }),
  ],
  [
    "transform of zod",
    ' at "due.days"',
    (code) =>
      z.object({ due: z.object({ days: z.string().transform(code) }) }).transform((value) => value),
  ],
  [
    "refine of zod/mini",
    ' at "due.days"',
    (code) => mini.object({ due: mini.object({ days: mini.string().check(mini.refine(code)) }) }),
  ],
  [
    "refine of zod 3",
    ' at "due.days"',
    (code) => z3.object({ due: z3.object({ days: z3.string().refine(code) }) }),
  ],
  [
    "transform of zod 3",
    ' at "due.days"',
    (code) => z3.object({ due: z3.object({ days: z3.string().transform(code) }) }),
  ],
  ["validate of a schema of its own", "", ownSchema],
];

const value = { due: { days: "x" } };
const base = { name: "clerk", system: "You plan." };

describe.each(schemas)(
  "code of a schema that throws is named with its field: %s",
  (_, where, make) => {
    test("of an input", async () => {
      await using t = await startTestOrchestra();
      for (const [, said, code] of failures) {
        const agent = t.orchestra.agent({ ...base, input: make(code), prompt: () => "Plan." });
        await expect(agent.invoke(value)).rejects.toMatchObject({
          code: "argument_error",
          message: `The agent "clerk" cannot use its input: its schema threw${where}: ${said}`,
        });
      }
      expect(t.sandbox.books.entries).toEqual([]);
    });

    test("of an output: no further answer is requested", async () => {
      const content = JSON.stringify(value);
      await using t = await startTestOrchestra({
        sandbox: { fixtures: [{ match: {}, response: { content } }] },
      });
      for (const [, said, code] of failures) {
        const agent = t.orchestra.agent({ ...base, output: make(code) });
        const streamed = agent.stream("Plan.").then((stream) => Array.fromAsync(stream));
        for (const failure of [agent.invoke("Plan."), streamed]) {
          await expect(failure).rejects.toMatchObject({
            code: "unknown_error",
            message: expect.stringContaining(`The schema of the answer threw${where}: ${said}`),
          });
        }
      }
      expect(t.sandbox.books.entries).toHaveLength(failures.length * 2);
    });

    test("of a tool: the model gets the error", async () => {
      const plan = { name: "plan", arguments: JSON.stringify(value) };
      await using t = await startTestOrchestra({
        sandbox: {
          fixtures: [
            { match: { hasToolResult: false }, response: { toolCalls: [plan] } },
            { match: { hasToolResult: true }, response: { content: "Done" } },
          ],
        },
      });
      for (const [, said, code] of failures) {
        const planTool = tool(() => "planned", {
          name: "plan",
          description: "Plans",
          schema: make(code) as unknown as z.ZodObject,
        });
        const agent = t.orchestra.agent({ ...base, tools: [planTool] });
        expect(await agent.invoke("Plan.")).toBe("Done");
        const messages = t.sandbox.books.entries.at(-1)?.body["messages"] as { content: string }[];
        const told = messages.at(-1)?.content;
        expect(told).toContain(`The schema of the tool plan threw${where}: ${said}`);
      }
    });
  },
);

describe("an error of a schema's code is reported as a problem of the value:", () => {
  const parses = [
    ["JSON.parse", (text: string) => JSON.parse(text) as unknown],
    ["BigInt", (text: string) => String(BigInt(text))],
    ["new URL", (text: string) => new URL(text).href],
    ["a date", (text: string) => new Date(text).toISOString()],
    ["another schema", (text: string) => z.object({}).parse(text)],
  ] as const;

  test.each(parses)("%s", async (_, parse) => {
    await using t = await startTestOrchestra({
      sandbox: { fixtures: [{ match: {}, response: { content: '{"at":"no"}' } }] },
    });
    const schema = z.object({ at: z.string().transform(parse) });
    // The model may correct it, once.
    const answering = t.orchestra.agent({ ...base, output: schema });
    await expect(answering.invoke("Plan.")).rejects.toMatchObject({
      code: "invalid_response_error",
    });
    expect(t.sandbox.books.entries).toHaveLength(2);
    const taking = t.orchestra.agent({ ...base, input: schema });
    const failure = taking.invoke({ at: "no" });
    await expect(failure).rejects.toMatchObject({ code: "argument_error" });
    await expect(failure).rejects.not.toThrow("threw");
  });
});

test("a tool's arguments are checked by schemas of any library, and read once", async () => {
  const schemas: readonly (readonly [string, object])[] = [
    ["arktype", type({ text: "string", times: "number" })],
    ["zod/mini", mini.object({ text: mini.string(), times: mini.number() })],
    ["zod", z.object({ text: z.string().transform((text) => `${text}!`), times: z.number() })],
  ];
  for (const [library, schema] of schemas) {
    const toolCalls = [{ text: "a" }, { text: "a", times: 2 }].map((args) => ({
      name: "repeat",
      arguments: JSON.stringify(args),
    }));
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          { match: { hasToolResult: false }, response: { toolCalls } },
          { match: { hasToolResult: true }, response: { content: "Done" } },
        ],
      },
    });
    const got: unknown[] = [];
    const repeat = tool((args: unknown) => void got.push(args), {
      name: "repeat",
      description: "Repeats",
      schema: schema as z.ZodObject,
    });
    await t.orchestra.agent({ ...base, tools: [repeat] }).invoke("Go");
    const messages = JSON.stringify(t.sandbox.books.entries[1]?.body["messages"]);
    expect(messages).toMatch(/the arguments do not fit: .*times/);
    expect(got).toEqual([{ text: library === "zod" ? "a!" : "a", times: 2 }]);
  }
});
