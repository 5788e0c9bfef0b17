import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import { completion } from "../completions/__fixtures__/completions.ts";
import { json, startCompletions } from "../models/__fixtures__/completions-server.ts";
import { Orchestra } from "../orchestra.ts";
import { defineRole } from "./index.ts";

const tree = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});

interface Item {
  readonly name: string;
  readonly next: Item | null;
}
const list: z.ZodType<Item> = z.object({
  name: z.string(),
  next: z.lazy(() => list).nullable(),
});

const team = z.object({
  name: z.string(),
  get members() {
    return z.array(member);
  },
});
const member = z.object({
  name: z.string(),
  get teams() {
    return z.array(team);
  },
});

const list3: z3.ZodType<Item> = z3.object({
  name: z3.string(),
  next: z3.lazy(() => list3).nullable(),
});

const schemas: readonly (readonly [name: string, schema: z.ZodType, value: object])[] = [
  ["a tree", tree, { name: "a", children: [{ name: "b", children: [] }] }],
  ["a lazy list", list, { name: "a", next: { name: "b", next: null } }],
  [
    "two that contain each other",
    team,
    { name: "a", members: [{ name: "b", teams: [{ name: "c", members: [] }] }] },
  ],
  [
    "a lazy list of zod 3",
    list3 as unknown as z.ZodType,
    { name: "a", next: { name: "b", next: null } },
  ],
];

const saying = (content: string) => json(completion({ message: { role: "assistant", content } }));
const text = z.object({ text: z.string() });

describe.each(schemas)("a schema that contains itself: %s", (_, schema, value) => {
  test("is the output of a role", async () => {
    await using t = await startCompletions([saying(JSON.stringify(value))]);
    const role = defineRole({ name: "writer", system: "s", input: text, output: schema });
    expect(await t.orchestra.agent(role).invoke({ text: "Hi" })).toEqual(value);
    expect(JSON.stringify(t.bodies()[0]?.["response_format"])).toContain('"$ref":"#');
  });

  test("is the input of a role", async () => {
    await using t = await startCompletions([saying('{"text":"done"}')]);
    const role = defineRole({ name: "writer", system: "s", input: schema, output: text });
    expect(await t.orchestra.agent(role).invoke(value)).toEqual({ text: "done" });
    expect(JSON.stringify(t.bodies()[0]?.["messages"])).toContain("b");
  });

  test("is the input of a role's tool", async () => {
    const given: unknown[] = [];
    const save = tool(
      (args) => {
        given.push(args);
        return "saved";
      },
      { name: "save", description: "Saves", schema: schema as typeof tree },
    );
    const call = { name: "save", arguments: JSON.stringify(value) };
    const calls = [{ id: "call_1", type: "function", function: call }];
    await using t = await startCompletions([
      json(completion({ message: { role: "assistant", content: null, tool_calls: calls } })),
      saying('{"text":"done"}'),
    ]);
    const role = defineRole({
      name: "writer",
      system: "s",
      input: text,
      output: text,
      tools: [save],
    });
    expect(await t.orchestra.agent(role).invoke({ text: "Hi" })).toEqual({ text: "done" });
    expect(given).toEqual([value]);
    expect(JSON.stringify(t.bodies()[0]?.["tools"])).toContain('"$ref":"#');
  });
});

describe("a schema that contains itself and what JSON Schema lacks", () => {
  const dated = z.object({
    at: z.date(),
    get replies() {
      return z.array(dated);
    },
  });

  test("fails where the role is defined, with the role and the field", () => {
    const define = () => defineRole({ name: "writer", system: "s", input: text, output: dated });
    expect(define).toThrow(/role "writer".*"at" is a date/);
  });

  test("fails where the role's tool is defined, with the role, the tool and the field", () => {
    const reply = tool(() => "", { name: "reply", description: "d", schema: dated });
    const define = () =>
      defineRole({ name: "writer", system: "s", input: text, output: text, tools: [reply] });
    expect(define).toThrow(/tool "reply".*role "writer".*"at" is a date/);
  });

  test("fails for two tools of one name, wherever they are given", () => {
    const reply = tool(() => "", { name: "reply", description: "d", schema: text });
    const role = { name: "writer", system: "s", tools: [reply] };
    expect(() => defineRole({ ...role, tools: [reply, reply] })).toThrow(
      'Two tools have the name "reply" (role "writer"): rename one of them',
    );
    const orchestra = new Orchestra({ settings: { openRouterApiKey: "sk-or-v1-any" } });
    expect(() => orchestra.agent(role, { tools: [reply] })).toThrow(
      'Two tools have the name "reply" (agent() of the role "writer")',
    );
  });
});

describe("a value that contains itself is refused before anything is sent", () => {
  interface Cyclic {
    name: string;
    children: Cyclic[];
  }
  const cyclic: Cyclic = { name: "a", children: [] };
  cyclic.children.push(cyclic);

  test.each([
    ["by a schema that contains itself", tree],
    ["by a schema of anything", z.object({ name: z.string(), children: z.unknown() })],
    ["by a schema of anything at all", z.unknown()],
  ])("%s", async (_, input) => {
    await using t = await startCompletions([]);
    const role = defineRole({ name: "writer", system: "s", input, output: text });
    await expect(t.orchestra.agent(role).invoke(cyclic as never)).rejects.toMatchObject({
      code: "argument_error",
      message: expect.stringMatching(/The agent "writer" cannot use its input: .*contains itself/),
    });
    expect(t.bodies()).toHaveLength(0);
  });
});
