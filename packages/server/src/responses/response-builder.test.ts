import type { CompletionChunk } from "@orchestra/core";
import { describe, expect, test } from "vitest";
import { ApiError } from "../errors/api-error.ts";
import { chunk } from "../test-support/start-upstream.ts";
import { ResponseBuilder } from "./response-builder.ts";

interface Event {
  readonly type: string;
  readonly item_id?: string;
  readonly item?: { readonly id: string };
  readonly output_index?: number;
}

/** The events of a stream of these chunks, each as JSON, and its response. */
function buildOf(...chunks: readonly string[]) {
  const events: Event[] = [];
  const names = new Map([["agents__close", { name: "close", namespace: "agents" }]]);
  const builder = new ResponseBuilder({ input: "Hello" }, { list: [], names }, (type, fields) =>
    events.push({ ...structuredClone(fields), type }),
  );
  for (const text of chunks) builder.add(JSON.parse(text) as CompletionChunk);
  return { events, response: JSON.parse(JSON.stringify(builder.end())) as object };
}

/** The same of a stream with these deltas. */
function build(deltas: readonly object[], finish = "stop") {
  return buildOf(...deltas.map((delta) => chunk(delta)), chunk({}, finish));
}

const call = (index: number, fields: object, id?: string) => ({
  tool_calls: [{ index, id, type: "function", function: fields }],
});

test("reasoning, texts with citations and calls become separate items, in order", () => {
  const url_citation = { url: "https://example.com", title: "A", start_index: 0, end_index: 3 };
  const { response, events } = build([
    { role: "assistant", content: "", reasoning: "Let me" },
    { reasoning: " see." },
    { content: "The " },
    { content: "year." },
    { annotations: [{ type: "url_citation", url_citation }] },
    call(0, { name: "find", arguments: "" }, "c0"),
    call(1, { name: "agents__close", arguments: "{" }, "c1"),
    call(0, { arguments: '{"q"' }),
    call(1, { arguments: "}" }),
    call(0, { arguments: ":1}" }),
  ]);
  const status = "completed";
  const annotations = [{ type: "url_citation", ...url_citation }];
  expect(response).toMatchObject({
    status,
    output: [
      { type: "reasoning", content: [{ type: "reasoning_text", text: "Let me see." }] },
      { type: "message", content: [{ type: "output_text", text: "The year.", annotations }] },
      { type: "function_call", status, call_id: "c0", name: "find", arguments: '{"q":1}' },
      { type: "function_call", call_id: "c1", name: "close", namespace: "agents", arguments: "{}" },
    ],
  });
  const ids = new Map(events.map(({ item, output_index }) => [output_index, item?.id]));
  expect(ids.size).toBe(5);
  const opened = events.filter(({ type }) => type === "response.output_item.added");
  const closed = events.filter(({ type }) => type === "response.output_item.done");
  expect(closed.map(({ item }) => item?.id)).toEqual(opened.map(({ item }) => item?.id));
});

test.each([
  ["length", "incomplete", { reason: "max_output_tokens" }],
  ["content_filter", "incomplete", { reason: "content_filter" }],
  ["stop", "completed", null],
])("the finish %s is the status %s", (finish, status, incomplete_details) => {
  const { response, events } = build([{ content: "The" }], finish);
  expect(response).toMatchObject({ status, incomplete_details, output: [{ status }] });
  expect(events.at(-1)?.type).toBe(`response.${status}`);
});

test("a refusal is a part of the message", () => {
  const { response } = build([{ content: "Well: " }, { refusal: "no." }]);
  expect(response).toMatchObject({
    output: [{ content: [{ text: "Well: " }, { type: "refusal", refusal: "no." }] }],
  });
});

test("citations may come before their text, and other annotations are left out", () => {
  const url_citation = { url: "https://example.com", title: "A", start_index: 0, end_index: 3 };
  const file = { type: "file", file: { hash: "1", name: "a.pdf", content: [] } };
  const { response, events } = build([
    { annotations: [file, { type: "url_citation", url_citation }] },
    { reasoning: "Let me see." },
    { content: "The " },
    { content: "year." },
  ]);
  expect(response).toMatchObject({
    output: [
      { type: "reasoning" },
      { content: [{ annotations: [{ type: "url_citation", ...url_citation }] }] },
    ],
  });
  const added = events.filter(({ type }) => type === "response.output_text.annotation.added");
  expect(added).toMatchObject([{ output_index: 1, content_index: 0, annotation_index: 0 }]);
});

test("fields of the wrong type are left out", () => {
  const [choice] = (JSON.parse(chunk({ content: "Hello" })) as CompletionChunk).choices;
  const url_citation = { url: "https://example.com" };
  const { response } = buildOf(
    JSON.stringify({ model: 5, choices: [null, choice] }),
    chunk({ annotations: [null, { type: null, url_citation }, { type: "url_citation" }] }),
    JSON.stringify({ model: 5, choices: [null] }),
  );
  expect(response).toMatchObject({
    model: "openai/gpt-4o",
    output: [{ content: [{ text: "Hello", annotations: [{ type: "url_citation" }] }] }],
  });
});

test("a text after the calls ends after them", () => {
  const { events } = build([
    call(0, { name: "find", arguments: "{}" }, "c0"),
    { content: "Wait." },
  ]);
  const closed = events.filter(({ type }) => type === "response.output_item.done");
  expect(closed.map(({ output_index }) => output_index)).toEqual([0, 1]);
});

describe("the code of a failure", () => {
  const details = { status: 400, type: "invalid_request_error", code: "invalid_request" };
  test.each([
    [details, "invalid_prompt"],
    [{ ...details, code: "context_length_exceeded" }, "context_length_exceeded"],
    [{ ...details, type: "permission_error", code: "refusal" }, "invalid_prompt"],
    [{ ...details, type: "service_error", code: "content_filter" }, "invalid_prompt"],
    [{ ...details, type: "rate_limit_error", code: "rate_limit_error" }, "rate_limit_exceeded"],
    [{ ...details, type: "budget_error", code: "budget_error" }, "insufficient_quota"],
    [{ ...details, type: "service_error", code: "interrupted" }, "server_error"],
  ])("%j is %s: clients decide by it whether to retry", (failure, code) => {
    const events: object[] = [];
    const emit = (type: string, fields: object) => void events.push({ ...fields, type });
    const builder = new ResponseBuilder({ input: "Hello" }, { list: [], names: new Map() }, emit);
    builder.fail(new ApiError("It failed.", failure));
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { code, message: "It failed." } },
    });
  });
});

test("images of the model are items, with their data or their URL", () => {
  const image = (url: string) => ({ type: "image_url", image_url: { url } });
  const { response, events } = build([
    { content: "Here: " },
    { images: [image("data:image/webp;base64,AAAA")] },
    { images: [image("https://example.com/a.png"), null, { type: "image_url" }] },
    { content: "Done." },
  ]);
  const type = "image_generation_call";
  expect(response).toMatchObject({
    output: [
      { type: "message", content: [{ text: "Here: " }] },
      { type, status: "completed", result: "AAAA", output_format: "webp" },
      { type, status: "completed", result: "https://example.com/a.png" },
      { type: "message", content: [{ text: "Done." }] },
    ],
  });
  const opened = events.filter((event) => event.type === "response.output_item.added");
  const closed = events.filter((event) => event.type === "response.output_item.done");
  expect(closed.map(({ item }) => item?.id)).toEqual(opened.map(({ item }) => item?.id));
});

describe("usage", () => {
  const counts = { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 };
  const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  /** A chunk without content. */
  const report = (fields: object) => JSON.stringify({ choices: [], ...fields });

  test.each([
    ["as OpenAI sends it", [report({ usage: counts })]],
    ["without the total", [report({ usage: { prompt_tokens: 4, completion_tokens: 2 } })]],
    ["as texts", [report({ usage: { prompt_tokens: "4", completion_tokens: "2" } })]],
    ["in the choice", [report({ choices: [{ index: 0, delta: {}, usage: counts }] })]],
    ["in Groq's field", [report({ x_groq: { usage: counts } })]],
    ["before zeros and an empty one", [counts, zeros, {}].map((usage) => report({ usage }))],
  ])("is read %s", (_, reports) => {
    const { response } = buildOf(chunk({ content: "Hello" }), chunk({}, "stop"), ...reports);
    expect(response).toHaveProperty("usage", {
      input_tokens: 4,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 6,
    });
  });

  test("has the cost, also if it is reported separately, or is 0", () => {
    const paid = buildOf(report({ usage: counts }), report({ usage: { cost: 0.5 } }));
    expect(paid.response).toMatchObject({ usage: { total_tokens: 6, cost: 0.5 } });
    const free = buildOf(report({ usage: { ...counts, cost: 0 } }));
    expect(free.response).toMatchObject({ usage: { total_tokens: 6, cost: 0 } });
  });

  test("is null if none was reported", () => {
    const { response } = buildOf(chunk({ content: "Hello" }), report({ usage: {} }));
    expect(response).toHaveProperty("usage", null);
  });
});
