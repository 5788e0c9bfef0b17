import { describe, expect, test } from "vitest";
import * as z from "zod";
import { completion } from "../__fixtures__/completions.ts";
import { request } from "../__fixtures__/exchange.ts";
import { OutputSchema } from "./output-schema.ts";

const zod = z.object({ city: z.string(), heat: z.number() });
const json = {
  type: "object",
  properties: { city: { type: "string" }, heat: { type: "number" } },
  required: ["city", "heat"],
};
const definition = { name: "report", description: "Reports the weather.", parameters: json };
const answer = { city: "Rome", heat: 30 };
const text = JSON.stringify(answer);
const search = {
  type: "function" as const,
  function: { name: "search", parameters: { type: "object", properties: {} } },
};

const formatOf = (schema: OutputSchema) =>
  (schema.ask("jsonSchema", request).response_format as { json_schema?: object } | undefined)
    ?.json_schema;
const toolOf = (schema: OutputSchema) => {
  const tool = schema.ask("functionCalling", request).tools?.[0];
  return tool?.type === "function" ? tool.function : undefined;
};

describe("the request by jsonSchema", () => {
  test("has the schema as its response format", () => {
    const schema = new OutputSchema(zod);
    expect(schema.jsonSchema).toMatchObject({ type: "object", required: ["city", "heat"] });
    expect(schema.ask("jsonSchema", { ...request, temperature: 0 })).toEqual({
      ...request,
      temperature: 0,
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", schema: schema.jsonSchema, strict: true },
      },
    });
  });

  test("keeps the response format that the caller has put in", () => {
    const asked = { ...request, response_format: { type: "json_schema", json_schema: {} } };
    expect(new OutputSchema(zod).ask("jsonSchema", asked)).toBe(asked);
  });

  test("replaces a response format of another type", () => {
    const asked = { ...request, response_format: { type: "text" } };
    expect(new OutputSchema(zod).ask("jsonSchema", asked).response_format?.type).toBe(
      "json_schema",
    );
  });

  test.each([
    ["a zod schema that is closed and full", zod, undefined, true],
    [
      "a zod schema with an optional field, which is sent as null",
      z.object({ a: z.string().optional() }),
      undefined,
      true,
    ],
    ["an open zod schema, which is sent closed", z.looseObject({ a: z.string() }), undefined, true],
    ["a record", z.object({ a: z.record(z.string(), z.number()) }), undefined, false],
    ["a zod schema, by option", zod, false, false],
    ["a JSON schema, by option", json, true, true],
    ["a JSON schema", { ...json, additionalProperties: false }, undefined, undefined],
    ["a function definition", definition, undefined, undefined],
  ])("has the field strict: %s", (_, schema, strict, sent) => {
    const format = formatOf(new OutputSchema(schema, { strict }));
    expect(format && "strict" in format ? format.strict : undefined).toBe(sent);
    expect(format && "strict" in format).toBe(sent !== undefined);
  });

  test.each([
    ["a zod schema's description", zod.describe("The weather."), "answer", "The weather."],
    ["a JSON schema's description", { ...json, description: "It." }, "answer", "It."],
    ["a function's name and description", definition, "report", "Reports the weather."],
  ])("has %s", (_, schema, name, description) => {
    expect(formatOf(new OutputSchema(schema))).toMatchObject({ name, description });
    expect(toolOf(new OutputSchema(schema))).toMatchObject({ name, description });
    const checked = new OutputSchema(schema).withCheck(() => []);
    expect(formatOf(checked)).toMatchObject({ name, description });
  });

  test("has the name of the options before the function's own", () => {
    expect(formatOf(new OutputSchema(definition, { name: "weather" }))).toMatchObject({
      name: "weather",
      schema: json,
    });
  });
});

describe("the request by functionCalling", () => {
  test("has the tool alone, which must be called", () => {
    const schema = new OutputSchema(json, { name: "weather" });
    const asked = { ...request, response_format: { type: "json_object" } };
    expect(schema.ask("functionCalling", asked)).toEqual({
      ...request,
      tools: [
        {
          type: "function",
          function: {
            name: "weather",
            description: "Takes the final answer. Call it once, when the answer is complete.",
            parameters: json,
          },
        },
      ],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
  });

  test("has the tool in addition to others, one of which must be called", () => {
    const asked = new OutputSchema(json).ask("functionCalling", { ...request, tools: [search] });
    expect(asked.tools?.map((tool) => tool.type === "function" && tool.function.name)).toEqual([
      "search",
      "answer",
    ]);
    expect(asked["tool_choice"]).toBe("required");
  });

  test.each([true, false])("says strict: %s where the options do", (strict) => {
    expect(toolOf(new OutputSchema(json, { strict }))).toMatchObject({ strict });
  });

  test("does not have the field strict otherwise", () => {
    expect(toolOf(new OutputSchema(zod))).not.toHaveProperty("strict");
  });
});

test("the request by jsonMode has the schema in its first message", () => {
  const asked = new OutputSchema(json).ask("jsonMode", request);
  const [first, ...others] = asked.messages;
  expect(first?.role).toBe("system");
  expect(first?.content).toContain(JSON.stringify(json));
  expect(others).toEqual(request.messages);
  expect(asked.response_format).toEqual({ type: "json_object" });
});

test.each(["jsonSchema", "functionCalling", "jsonMode"] as const)(
  "the request by %s does not change the caller's request",
  (method) => {
    const asked = { ...request, tools: [search] };
    const before = structuredClone(asked);
    new OutputSchema(zod).ask(method, asked);
    expect(asked).toEqual(before);
  },
);

const schemas = [
  ["a zod schema", new OutputSchema(zod)],
  ["a JSON schema", new OutputSchema(json)],
  ["a function definition", new OutputSchema(definition, { name: "answer" })],
] as const;

describe.each(schemas)("an answer is read by %s", (_, schema) => {
  const right = { kind: "answer", value: answer, json: answer };

  test.each([
    ["JSON", text],
    ["JSON over several lines", `\n${JSON.stringify(answer, null, 2)}\n`],
    ["a fence", `\`\`\`json\n${text}\n\`\`\``],
    ["a fence without a language", `\`\`\`\n${text}\n\`\`\``],
    ["a fence among words", `Here it is:\n\`\`\`json\n${text}\n\`\`\`\nAnything else?`],
    ["words", `The answer is ${text}. Anything else?`],
    ["words with a fence of another kind", `\`\`\`sh\nls\n\`\`\` ${text}`],
    ["words after it", `${text} is the answer.`],
  ])("out of %s", async (_name, content) => {
    expect(await schema.read(content)).toMatchObject(right);
  });

  test("out of the call of its tool, before any text", async () => {
    const calls = [
      { name: "search", arguments: "{}" },
      { name: "answer", arguments: text },
    ];
    expect(await schema.read("{}", calls)).toEqual(right);
  });

  test("as tool calls where other tools are called", async () => {
    expect(await schema.read(text, [{ name: "search", arguments: "{}" }])).toEqual({
      kind: "tool-calls",
    });
  });

  test.each(["", " ", "Rome, 30", '{"city":"Rome","heat":', "}{", "```json\n```"])(
    "as not JSON: %j",
    async (content) => {
      const offSchema = { kind: "off-schema", problem: "it is not JSON" };
      expect(await schema.read(content)).toEqual(offSchema);
      expect(await schema.read("", [{ name: "answer", arguments: content }])).toEqual(offSchema);
    },
  );

  test.each(['{"city":"Rome"}', '{"city":"Rome","heat":"hot"}', "[]", "null", "1", '"Rome"'])(
    "as off the schema: %s",
    async (content) => {
      expect(await schema.read(content)).toMatchObject({
        kind: "off-schema",
        problem: expect.stringMatching(/.+/),
      });
    },
  );
});

describe("the problem of an answer off the schema", () => {
  test("names each field of a zod schema", async () => {
    const nested = new OutputSchema(z.object({ list: z.array(zod) }));
    const reading = await nested.read('{"list":[{"city":1}]}');
    expect(reading).toMatchObject({
      problem: expect.stringMatching(/^list\.0\.city: .+; list\.0\.heat: .+$/),
    });
  });

  test("names the place in a JSON schema", async () => {
    const reading = await new OutputSchema(json).read('{"city":1,"heat":1}');
    expect(reading).toMatchObject({ problem: expect.stringContaining("#/city: ") });
  });

  test("is the sentences of the check, which gets the parsed value", async () => {
    const checked: unknown[] = [];
    const heat = z.object({ heat: z.string().transform(Number) });
    const schema = new OutputSchema(heat, {
      check: async (value) => {
        checked.push(value);
        return ["heat: too hot", "go north"];
      },
    });
    expect(await schema.read('{"heat":"50"}')).toEqual({
      kind: "off-schema",
      problem: "heat: too hot; go north",
    });
    expect(checked).toEqual([{ heat: 50 }]);
  });

  test("does not need the check where the schema does not fit", async () => {
    const schema = new OutputSchema(json).withCheck(() => {
      throw new Error("not to be called");
    });
    expect(await schema.read("{}")).toMatchObject({ kind: "off-schema" });
  });
});

test("an answer has the value that zod made of it, and the JSON that the model gave", async () => {
  const schema = new OutputSchema(z.object({ day: z.string().default("today") }));
  expect(await schema.read("{}")).toEqual({ kind: "answer", value: { day: "today" }, json: {} });
});

test("withCheck keeps all else", async () => {
  const options = {
    name: "weather",
    method: "jsonMode",
    strict: false,
    keepsToolCall: true,
    acceptsMismatch: true,
  } as const;
  const schema = new OutputSchema(zod, options).withCheck(() => ["no"]);
  const { name, method, keepsToolCall, acceptsMismatch } = schema;
  expect({ name, method, strict: false, keepsToolCall, acceptsMismatch }).toEqual(options);
  expect(formatOf(schema)).toMatchObject({ strict: false });
  expect(await schema.read(text)).toEqual({ kind: "off-schema", problem: "no" });
});

describe("toContent", () => {
  const withMessage = (message: object, finish_reason = "stop") =>
    completion({ finish_reason, message: { role: "assistant", refusal: null, ...message } });
  const call = { id: "1", type: "function", function: { name: "answer", arguments: text } };
  const called = withMessage({ content: null, tool_calls: [call] }, "tool_calls");

  test("makes text of a tool call", () => {
    expect(new OutputSchema(zod).toContent(called, answer)).toEqual(withMessage({ content: text }));
  });

  test("keeps a tool call where that is asked for", () => {
    expect(new OutputSchema(zod, { keepsToolCall: true }).toContent(called, answer)).toBe(called);
  });

  test("keeps text that is the JSON object", () => {
    const whole = withMessage({ content: ` ${text}\n` });
    expect(new OutputSchema(zod).toContent(whole, answer)).toBe(whole);
  });

  test.each([`\`\`\`json\n${text}\n\`\`\``, `It is ${text}`, `${text} is the answer.`])(
    "makes JSON of %j",
    (content) => {
      const whole = withMessage({ content });
      expect(new OutputSchema(zod).toContent(whole, answer, true)).toEqual(
        withMessage({ content: text }),
      );
    },
  );

  test("keeps the finish reason length, the usage and the other choices", () => {
    const cut = withMessage({ content: null, tool_calls: [call] }, "length");
    const [first, second] = [cut.choices[0], completion().choices[0]];
    const made = new OutputSchema(zod).toContent(
      { ...cut, choices: [first, second].filter((choice) => choice !== undefined) },
      answer,
    );
    expect(made.choices[0]?.finish_reason).toBe("length");
    expect(made.choices[1]).toEqual(second);
    expect(made.usage).toEqual(cut.usage);
  });

  test("leaves a completion without a choice", () => {
    const none = completion({}, { choices: [] });
    expect(new OutputSchema(zod).toContent(none, answer)).toBe(none);
  });
});

describe("the user's code that checks an answer", () => {
  const threw = () => {
    throw new Error("my mistake");
  };
  test.each([
    ["a check that throws", new OutputSchema(zod, { check: threw }), "my mistake"],
    [
      "a check that returns a text",
      new OutputSchema(zod, { check: (() => "no") as never }),
      "did not return a list",
    ],
    [
      "a check that returns texts and more",
      new OutputSchema(zod, { check: (() => [5]) as never }),
      "did not return a list",
    ],
    ["a schema that throws", new OutputSchema(zod.refine(threw)), "my mistake"],
  ])("%s is an error of that code, not of the answer", async (_, schema, message) => {
    await expect(schema.read(text)).rejects.toMatchObject({
      kind: "unknown_error",
      message: expect.stringContaining(message),
    });
  });

  test("may return nothing", async () => {
    const schema = new OutputSchema(zod, { check: (() => undefined) as never });
    expect(await schema.read(text)).toMatchObject({ kind: "answer" });
  });
});
