import { describe, expect, test } from "vitest";
import { asChunks } from "./as-chunks.ts";
import { chunk, completion, usageChunk, wireUsage } from "./__fixtures__/completions.ts";
import { CompletionAssembler } from "./assemble-completion.ts";
import type { CompletionChunk } from "./wire.ts";

function assemble(...chunks: readonly CompletionChunk[]) {
  const assembler = new CompletionAssembler();
  const texts = chunks.map((each) => assembler.add(each));
  const built = assembler.build();
  return { built, texts, choice: built.choices[0], message: built.choices[0]?.message };
}

/** A chunk of one choice of several. */
const ofChoice = (index: number | undefined, delta: object, fields: object = {}) =>
  chunk({}, null, {
    choices: [{ ...(index === undefined ? {} : { index }), delta, finish_reason: null, ...fields }],
  });

const calling = (...parts: unknown[]) => chunk({ tool_calls: parts });

describe("CompletionAssembler", () => {
  test("builds what the same answer would be unstreamed", () => {
    const { built } = assemble(
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "Hello" }),
      chunk({ content: " there" }),
      chunk({}, "stop"),
      usageChunk,
    );
    expect(built).toEqual(completion());
  });

  test("returns each piece of text of the first choice", () => {
    const { texts } = assemble(
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "Hello" }),
      ofChoice(1, { content: "Good day" }),
      chunk({ reasoning: "Hm" }),
      ofChoice(undefined, { content: " there" }),
      usageChunk,
    );
    expect(texts).toEqual(["", "Hello", "", "", " there", ""]);
  });

  test("separates several choices, in the order of their index", () => {
    const { built } = assemble(
      ofChoice(1, { content: "B" }),
      ofChoice(0, { content: "A" }),
      ofChoice(1, { content: "b" }),
      ofChoice(0, { content: "a" }, { finish_reason: "stop" }),
      ofChoice(1, {}, { finish_reason: "length" }),
      usageChunk,
    );
    expect(
      built.choices.map(({ index, finish_reason: finish, message }) => [
        index,
        finish,
        message.content,
      ]),
    ).toEqual([
      [0, "stop", "Aa"],
      [1, "length", "Bb"],
    ]);
  });

  test("takes a choice without an index for the first", () => {
    const { built } = assemble(
      ofChoice(undefined, { content: "A" }),
      ofChoice(undefined, { content: "a" }),
    );
    expect(built.choices).toHaveLength(1);
    expect(built.choices[0]).toMatchObject({ index: 0, message: { content: "Aa" } });
  });

  test("joins log probabilities", () => {
    const logprobs = (token: string) => ({
      logprobs: {
        content: [{ token, logprob: -0.5, bytes: null, top_logprobs: [] }],
        refusal: null,
      },
    });
    const { choice } = assemble(
      ofChoice(0, { content: "a" }, logprobs("a")),
      ofChoice(0, { content: "b" }, logprobs("b")),
      ofChoice(0, {}, { logprobs: null, finish_reason: "stop" }),
    );
    expect(choice?.logprobs?.content?.map(({ token }) => token)).toEqual(["a", "b"]);
  });

  test("keeps the native finish reason of the provider", () => {
    const { choice } = assemble(
      ofChoice(0, { content: "a" }, { native_finish_reason: null }),
      ofChoice(0, {}, { finish_reason: "stop", native_finish_reason: "end_turn" }),
    );
    expect(choice).toMatchObject({ finish_reason: "stop", native_finish_reason: "end_turn" });
  });

  test("joins reasoning separately from content", () => {
    const { message } = assemble(
      chunk({ content: "", reasoning: "Let me " }),
      chunk({ content: "", reasoning: "see." }),
      chunk({ content: "Four", reasoning: null }),
    );
    expect(message).toEqual({
      role: "assistant",
      content: "Four",
      refusal: null,
      reasoning: "Let me see.",
    });
  });

  test("joins reasoning details by their index; type, id and format are not repeated", () => {
    const details = (...items: object[]) => chunk({ reasoning_details: items });
    const known = { type: "reasoning.text", id: "r-1", format: "anthropic-claude-v1", index: 0 };
    const { message } = assemble(
      details({ ...known, text: "Let me " }),
      details({ ...known, text: "see.", signature: null }),
      details({ type: "reasoning.encrypted", id: "r-2", index: 1, data: "abc" }),
      details({ ...known, signature: "signed" }),
    );
    expect(message).toMatchObject({
      reasoning_details: [
        { ...known, text: "Let me see.", signature: "signed" },
        { type: "reasoning.encrypted", id: "r-2", index: 1, data: "abc" },
      ],
    });
  });

  test("keeps reasoning details without an index one by one", () => {
    const first = { type: "reasoning.text", text: "a" };
    const second = { type: "reasoning.text", text: "b" };
    const { message } = assemble(
      chunk({ reasoning_details: [first] }),
      chunk({ reasoning_details: [second] }),
    );
    expect(message).toMatchObject({ reasoning_details: [first, second] });
  });

  test("joins a tool call that arrives in pieces", () => {
    const { message } = assemble(
      calling({
        index: 0,
        id: "call-1",
        type: "function",
        function: { name: "search", arguments: "" },
      }),
      calling({ index: 0, function: { arguments: '{"que' } }),
      calling({ index: 0, id: "", type: "function", function: { arguments: 'ry":"x"}' } }),
    );
    expect(message).toEqual({
      role: "assistant",
      content: null,
      refusal: null,
      tool_calls: [
        {
          id: "call-1",
          type: "function",
          function: { name: "search", arguments: '{"query":"x"}' },
        },
      ],
    });
  });

  test("separates parallel tool calls whose pieces are mixed", () => {
    const { message } = assemble(
      calling(
        { index: 0, id: "call-1", function: { name: "search", arguments: "{" } },
        { index: 1, id: "call-2", function: { name: "read", arguments: "[" } },
      ),
      calling({ index: 1, function: { arguments: "]" } }),
      calling({ index: 0, function: { arguments: "}" } }),
    );
    expect(message?.tool_calls).toEqual([
      { id: "call-1", type: "function", function: { name: "search", arguments: "{}" } },
      { id: "call-2", type: "function", function: { name: "read", arguments: "[]" } },
    ]);
  });

  test("identifies tool calls without an index by their position", () => {
    const { message } = assemble(
      calling(
        { id: "call-1", function: { name: "search", arguments: "{}" } },
        { id: "call-2", function: { name: "read", arguments: "[]" } },
      ),
    );
    expect(message?.tool_calls?.map(({ id }) => id)).toEqual(["call-1", "call-2"]);
  });

  test("keeps what a provider adds to a tool call", () => {
    const { message } = assemble(
      calling({
        index: 0,
        id: "call-1",
        function: { name: "search", arguments: "{}" },
        extra_content: { google: { thought_signature: "abc" } },
      }),
    );
    expect(message?.tool_calls?.[0]).toMatchObject({
      extra_content: { google: { thought_signature: "abc" } },
    });
  });

  test("skips tool calls that are not", () => {
    const { message } = assemble(
      calling(null, { index: 1, id: "call-1", function: null }),
      chunk({ tool_calls: "search" }),
      chunk({ tool_calls: null, content: "Hi" }),
    );
    expect(message).toMatchObject({
      content: "Hi",
      tool_calls: [{ id: "call-1", type: "function", function: { name: "", arguments: "" } }],
    });
  });

  test("collects annotations and images", () => {
    const citation = (url: string) => ({ type: "url_citation", url_citation: { url } });
    const image = (index: number) => ({
      type: "image_url",
      index,
      image_url: { url: `data:image/png;base64,${index}` },
    });
    const { message } = assemble(
      chunk({ annotations: [citation("a")] }),
      chunk({ annotations: [citation("b")], images: [image(0)] }),
      chunk({ images: [image(1)] }),
    );
    expect(message).toMatchObject({
      annotations: [citation("a"), citation("b")],
      images: [image(0), image(1)],
    });
  });

  test("joins the data and the transcript of audio", () => {
    const { message } = assemble(
      chunk({ audio: { id: "audio-1", transcript: "Hel" } }),
      chunk({ audio: { id: "audio-1", data: "QUJD" } }),
      chunk({ audio: { data: "REVG", transcript: "lo" } }),
      chunk({ audio: { id: "audio-1", expires_at: 1 } }),
      chunk({ audio: { expires_at: 2 } }),
    );
    expect(message?.audio).toEqual({
      id: "audio-1",
      transcript: "Hello",
      data: "QUJDREVG",
      expires_at: 2,
    });
  });

  test("joins a refusal", () => {
    const { message } = assemble(chunk({ refusal: "I " }), chunk({ refusal: "won't" }));
    expect(message).toEqual({ role: "assistant", content: null, refusal: "I won't" });
  });

  test("joins a function call of the older kind", () => {
    const { message } = assemble(
      chunk({ function_call: { name: "search", arguments: "{" } }),
      chunk({ function_call: { arguments: "}" } }),
    );
    expect(message).toMatchObject({ function_call: { name: "search", arguments: "{}" } });
  });

  test("keeps the last usage, though no usage follows it", () => {
    const early = { ...wireUsage, completion_tokens: 1 };
    const { built } = assemble(
      chunk({ content: "a" }, null, { usage: early }),
      chunk({}, "stop", { usage: wireUsage }),
      chunk({}, null, { choices: [], usage: null }),
      chunk({}, null, { choices: [] }),
    );
    expect(built.usage).toEqual(wireUsage);
  });

  test("keeps the fields that later chunks leave out or change", () => {
    const { built } = assemble(
      chunk({ content: "a" }, null, { system_fingerprint: "fp-1" }),
      chunk({}, "stop", { provider: "Azure" }),
    );
    expect(built).toMatchObject({ provider: "Azure", system_fingerprint: "fp-1", id: "gen-1" });
  });

  test("changes no chunk", () => {
    const chunks = [
      chunk({ reasoning_details: [{ index: 0, text: "a" }], audio: { data: "a" } }),
      chunk({ reasoning_details: [{ index: 0, text: "b" }], audio: { data: "b" } }),
      calling({ index: 0, function: { name: "f", arguments: "{" } }),
      calling({ index: 0, function: { arguments: "}" } }),
    ];
    const before = structuredClone(chunks);
    assemble(...chunks);
    expect(chunks).toEqual(before);
  });
});

describe("asChunks", () => {
  test.each([
    ["text", completion()],
    [
      "parallel tool calls",
      completion({
        finish_reason: "tool_calls",
        message: {
          role: "assistant",
          content: null,
          refusal: null,
          tool_calls: [
            { id: "1", type: "function", function: { name: "search", arguments: "{}" } },
            { id: "2", type: "function", function: { name: "read", arguments: "[]" } },
          ],
        },
      }),
    ],
    [
      "several choices",
      completion({}, { choices: [0, 1].map((index) => ({ ...completion().choices[0], index })) }),
    ],
    ["no usage", completion({}, { usage: undefined })],
  ])("returns chunks that can be joined to the same answer: %s", (_, whole) => {
    expect(assemble(...asChunks(whole)).built).toEqual(whole);
  });

  test("numbers tool calls by their position, also where the server gave all of them one index", () => {
    const called = { type: "function" as const, function: { name: "find", arguments: "{}" } };
    const tool_calls = ["1", "2"].map((id) => ({ id, index: 0, ...called }));
    const message = { role: "assistant" as const, content: null, refusal: null, tool_calls };
    const [first] = asChunks(completion({ message, finish_reason: "tool_calls" }));
    expect(first?.choices[0]?.delta.tool_calls).toMatchObject([
      { index: 0, id: "1" },
      { index: 1, id: "2" },
    ]);
  });
});

describe("names that a server chooses", () => {
  test("reach no prototype", () => {
    const evil = JSON.parse(
      '{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}}}',
    ) as object;
    const { message } = assemble(
      chunk({ content: "a", ...evil }),
      ofChoice(0, evil, evil),
      chunk({ x: evil }),
      chunk({ x: evil }),
      { ...chunk({}), ...evil },
    );
    expect({}).not.toHaveProperty("polluted");
    expect(message?.content).toBe("a");
  });

  test("are bounded in their number", () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `name-${at}`);
    const { built, message } = assemble(
      ...names.map((name) => ({ ...chunk({ content: "a", [name]: 1 }), [name]: 1 })),
    );
    expect(Object.keys(built).length).toBeLessThan(2000);
    expect(Object.keys(message ?? {}).length).toBeLessThan(2000);
    expect(message?.content).toHaveLength(20_000);
  });
});
