import { describe, expect, test } from "vitest";
import { z } from "zod";
import { chunk, completion, done } from "../completions/__fixtures__/completions.ts";
import { sendJson } from "../completions/__fixtures__/loopback.ts";
import { CallFailedError } from "../errors/index.ts";
import { json, startCompletions, stream, type Reply } from "./__fixtures__/completions-server.ts";

const schema = z.object({ city: z.string(), heat: z.number().optional() });
const saying = (content: string) => json(completion({ message: { role: "assistant", content } }));

describe("structured output is read without a second request", () => {
  const right = '{"city":"Rome","heat":30}';
  test.each([
    ["after thoughts", `<think>Perhaps {"city":"Oslo","heat":1}?</think>${right}`],
    ["after prose with braces", `In {curly} braces, as {you} asked: ${right}`],
    ["in a fence", `Sure:\n\`\`\`json\n${right}\n\`\`\`\nAnything else?`],
    ["twice", `${right}\n${right}`],
    ["with a trailing comma", '{"city":"Rome","heat":30,}'],
    ["with a byte order mark", `\uFEFF${right}`],
    ["before an object that does not fit", `${right} and {"note":1}`],
    ["as a JSON text", JSON.stringify(right)],
  ])("%s", async (_, content) => {
    await using t = await startCompletions([saying(content)]);
    const model = t.orchestra.modelFor("writer").withStructuredOutput(schema);
    expect(await model.invoke("Hi")).toEqual({ city: "Rome", heat: 30 });
    expect(t.bodies()).toHaveLength(1);
  });

  test("with null instead of an optional property", async () => {
    await using t = await startCompletions([saying('{"city":"Rome","heat":null}')]);
    const model = t.orchestra.modelFor("writer").withStructuredOutput(schema);
    expect(await model.invoke("Hi")).toEqual({ city: "Rome" });
  });

  test("of a list that came as a text", async () => {
    await using t = await startCompletions([saying('{"claims":"[{\\"id\\":1}]"}')]);
    const claims = z.object({ claims: z.array(z.object({ id: z.number() })) });
    const model = t.orchestra.modelFor("writer").withStructuredOutput(claims);
    expect(await model.invoke("Hi")).toEqual({ claims: [{ id: 1 }] });
  });
});

test("a schema that contains itself is sent by reference, and read", async () => {
  const tree = z.object({
    name: z.string(),
    get children() {
      return z.array(tree);
    },
  });
  const value = { name: "a", children: [{ name: "b", children: [] }] };
  await using t = await startCompletions([saying(JSON.stringify(value))]);
  const model = t.orchestra.modelFor("writer").withStructuredOutput(tree);
  expect(await model.invoke("Hi")).toEqual(value);
  expect(JSON.stringify(t.bodies()[0]?.["response_format"])).toContain('"$ref":"#');
});

test("a stream that does not fit the schema ends with a typed error", async () => {
  await using t = await startCompletions([
    stream([chunk({ content: '{"city":7}' }), chunk({}, "stop"), done]),
  ]);
  const model = t.orchestra.modelFor("writer").withStructuredOutput(schema);
  const read = async () => {
    for await (const _ of await model.stream("Hi")) void _;
  };
  await expect(read()).rejects.toMatchObject({
    code: "invalid_response_error",
    details: { reason: "off_schema" },
  });
});

describe("a refusal", () => {
  const refusal = "I cannot help with that.";
  const whole = json(completion({ message: { role: "assistant", content: null, refusal } }));
  const streamed = stream([
    chunk({ role: "assistant", content: "" }),
    chunk({ refusal: "I cannot help " }),
    chunk({ refusal: "with that." }),
    chunk({}, "stop"),
    done,
  ]);
  const policy: Reply = (response) =>
    sendJson(
      response,
      {
        error: {
          message: refusal,
          code: "content_policy_violation",
          type: "invalid_request_error",
        },
      },
      400,
    );
  const replies = [
    ["whole", whole],
    ["streamed", streamed],
    ["as a content_policy_violation", policy],
  ] as const;

  test.each(replies)("is typed, with its text, %s", async (_, reply) => {
    await using t = await startCompletions([reply]);
    const model = t.orchestra.modelFor("writer");
    const failures = [
      await model.invoke("Hi").catch((error: unknown) => error),
      await model.stream("Hi").catch((error: unknown) => error),
      await model
        .withStructuredOutput(schema)
        .invoke("Hi")
        .catch((error: unknown) => error),
    ];
    for (const error of failures) {
      expect(CallFailedError.isInstance(error) && error.code).toBe("permission_error");
      expect((error as Error).message).toContain(refusal);
      expect((error as Error).message).toContain("LLM_FALLBACK_ON_REFUSAL");
    }
    expect(t.bodies()).toHaveLength(3);
  });

  test.each(replies)("reaches the fallback where that is asked for, %s", async (_, reply) => {
    await using t = await startCompletions([reply, json(completion())], {
      environment: { LLM_FALLBACK_ON_REFUSAL: "true" },
    });
    const model = t.orchestra
      .modelFor("writer")
      .withFallbacks([t.orchestra.modelFor("other", { model: "other/model" })]);
    expect((await model.invoke("Hi")).text).toBe("Hello there");
  });
});
