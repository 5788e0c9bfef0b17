import { describe, expect, test } from "vitest";
import { ApiError } from "../errors/api-error.ts";
import { responsesApi } from "./responses-api.ts";

const read = (fields: object) => responsesApi.read({ input: "Hello", ...fields }).body;
const find = { type: "function", name: "find", parameters: { type: "object" }, strict: null };

function refusalOf(fields: object): ApiError {
  try {
    read(fields);
  } catch (error) {
    if (ApiError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("what is not supported is refused by name", () => {
  test.each([
    [{ store: true }, "store"],
    [{ background: true }, "background"],
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [{ conversation: { id: "conv_1" } }, "conversation"],
    [{ prompt: { id: "pmpt_1" } }, "prompt"],
    [{ truncation: "auto" }, "truncation"],
    [{ messages: [{ role: "user", content: "Another question" }] }, "messages"],
    [{ n: 2 }, "n"],
    [{ logprobs: true }, "logprobs"],
    [{ include: ["message.output_text.logprobs"] }, "include"],
    [{ functions: [{ name: "find" }] }, "functions"],
    [{ modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } }, "audio"],
    [{ tools: [{ type: "file_search", vector_store_ids: ["vs_1"] }] }, "tools[0].type"],
    [{ tools: [find, { type: "web_search" }] }, "tools[1].type"],
    [{ tools: [{ type: "custom", name: "patch" }] }, "tools[0].type"],
    [{ tools: [find], tool_choice: { type: "web_search" } }, "tool_choice.type"],
    [{ input: [{ type: "item_reference", id: "msg_1" }] }, "input[0]"],
    [{ input: [{ type: "computer_call" }] }, "input[0]"],
    [
      { input: [{ role: "user", content: [{ type: "input_image", file_id: "file_1" }] }] },
      "input[0].content[0].file_id",
    ],
  ])("%j", (fields, param) => {
    const { details, message } = refusalOf(fields);
    expect(details).toMatchObject({ status: 400, param, code: "unsupported_parameter" });
    expect(message).toContain("is not supported");
  });
});

test.each([
  [{ input: 7 }, "input"],
  [{ input: [] }, "input"],
  [{ input: [null] }, "input[0]"],
  [{ input: [{ role: "king", content: "Hello" }] }, "input[0].role"],
  [{ input: [{ role: "user", content: [5] }] }, "input[0].content[0]"],
  [{ tools: [{ type: 5 }] }, "tools[0].type"],
  [{ max_output_tokens: 0 }, "max_output_tokens"],
  [{ text: { format: { type: "json_schema", schema: {} } } }, "text.format.name"],
  [
    { text: { format: { type: "json_schema", json_schema: { name: "a", schema: {} } } } },
    "text.format.name",
  ],
  [{ input: [{ content: "Hello" }] }, "input[0].role"],
  [{ input: [{ type: "function_call_output", output: "1" }] }, "input[0].call_id"],
  [{ input: [{ role: "user", content: [{ type: "input_text" }] }] }, "input[0].content[0].text"],
  [
    { input: [{ role: "user", content: [{ type: "input_text", text: { a: 1 } }] }] },
    "input[0].content[0].text",
  ],
  [
    { input: [{ role: "user", content: [{ type: "input_image" }] }] },
    "input[0].content[0].image_url",
  ],
  [
    { input: [{ role: "user", content: [{ type: "input_file", filename: "a.pdf" }] }] },
    "input[0].content[0].file_data",
  ],
  [{ tools: [{ type: "function" }] }, "tools[0].name"],
  [{ tools: [{ type: "namespace", tools: [find] }] }, "tools[0].name"],
  [{ tools: [{ type: "namespace", name: "n", tools: [null] }] }, "tools[0].tools[0]"],
  [
    { tools: [{ type: "namespace", name: "n", tools: [{ type: "function" }] }] },
    "tools[0].tools[0].name",
  ],
  [{ tools: [find], tool_choice: { type: "function" } }, "tool_choice.name"],
])("invalid requests are refused: %j", (fields, param) => {
  expect(refusalOf(fields).details).toMatchObject({ status: 400, param });
});

test("fields about storage, and those of OpenAI's own programs, are accepted", () => {
  const body = read({
    store: false,
    background: false,
    previous_response_id: null,
    truncation: "disabled",
    include: ["reasoning.encrypted_content"],
    client_metadata: { session: "1" },
    reasoning: { summary: "auto" },
    tools: [{ type: "web_search", external_web_access: false }],
    parallel_tool_calls: true,
  });
  expect(body).toEqual({ messages: [{ role: "user", content: "Hello" }] });
});

test("the fields of a request, and any of OpenRouter", () => {
  const others = {
    model: "agent:writer",
    temperature: 0,
    top_p: 0.5,
    user: "u-1",
    metadata: { team: "a" },
    prompt_cache_key: "key",
    provider: { sort: "throughput" },
    plugins: [{ id: "web" }],
    a_field_of_the_server: { kept: [1, null, "x"] },
  };
  const schema = { type: "object" };
  const body = read({
    ...others,
    stream: true,
    instructions: "Short.",
    max_output_tokens: 50,
    parallel_tool_calls: false,
    reasoning: { effort: "low", summary: "auto" },
    text: {
      verbosity: "low",
      format: { type: "json_schema", name: "answer", schema, strict: true },
    },
    tools: [find],
    tool_choice: { type: "function", name: "find" },
  });
  expect(body).toEqual({
    ...others,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: "system", content: "Short." },
      { role: "user", content: "Hello" },
    ],
    max_tokens: 50,
    parallel_tool_calls: false,
    reasoning: { effort: "low" },
    verbosity: "low",
    response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
    tools: [{ type: "function", function: { name: "find", parameters: { type: "object" } } }],
    tool_choice: { type: "function", function: { name: "find" } },
  });
});

test("images, files and sounds; the model's words and calls as one message; reasoning is left out", () => {
  const image = "data:image/png;base64,AAAA";
  const { messages } = read({
    input: [
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "What is it?" },
          { type: "input_image", image_url: image, detail: "low" },
          { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
          { type: "input_file", file_url: "https://example.com/b.pdf" },
          { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
        ],
      },
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "x" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "I look." }] },
      { type: "function_call", call_id: "c1", name: "find", arguments: '{"q":1}' },
      { type: "function_call", call_id: "c2", name: "close", namespace: "agents", arguments: "{}" },
      { type: "function_call_output", call_id: "c1", output: "1871" },
      {
        type: "function_call_output",
        call_id: "c2",
        output: [
          { type: "input_text", text: "Seen." },
          { type: "input_image", image_url: image },
        ],
      },
    ],
  });
  const called = (id: string, name: string, args: string) => ({
    id,
    type: "function",
    function: { name, arguments: args },
  });
  expect(messages).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        { type: "image_url", image_url: { url: image, detail: "low" } },
        {
          type: "file",
          file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
        },
        { type: "file", file: { file_data: "https://example.com/b.pdf" } },
        { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
      ],
    },
    {
      role: "assistant",
      content: "I look.",
      tool_calls: [called("c1", "find", '{"q":1}'), called("c2", "agents__close", "{}")],
    },
    { role: "tool", tool_call_id: "c1", content: "1871" },
    {
      role: "tool",
      tool_call_id: "c2",
      content: [
        { type: "text", text: "Seen." },
        { type: "image_url", image_url: { url: image } },
      ],
    },
  ]);
});

test("a field of a schema that is null is left out, and content without parts is an empty text", () => {
  const format = { type: "json_schema", name: "a", schema: {}, strict: null, description: null };
  const body = read({ text: { format }, input: [{ role: "user", content: [] }] });
  expect(body).toEqual({
    messages: [{ role: "user", content: "" }],
    response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } },
  });
});

test("a text between a call and its result belongs to the message of the call", () => {
  const said = (text: string) => ({
    role: "assistant",
    content: [{ type: "output_text", text }],
  });
  const { messages } = read({
    input: [
      said("I look."),
      { type: "function_call", call_id: "c1", name: "find", arguments: "{}" },
      said(" Wait."),
      { type: "function_call_output", call_id: "c1", output: "1871" },
      said("In 1871."),
    ],
  });
  const call = { id: "c1", type: "function", function: { name: "find", arguments: "{}" } };
  expect(messages).toEqual([
    { role: "assistant", content: "I look. Wait.", tool_calls: [call] },
    { role: "tool", tool_call_id: "c1", content: "1871" },
    { role: "assistant", content: "In 1871." },
  ]);
});

test("tools of a namespace become separate functions", () => {
  const tools = [{ type: "namespace", name: "agents", tools: [{ ...find, name: "close" }] }];
  const tool_choice = { type: "function", name: "close", namespace: "agents" };
  expect(read({ tools, tool_choice })).toMatchObject({
    tools: [{ type: "function", function: { name: "agents__close" } }],
    tool_choice: { type: "function", function: { name: "agents__close" } },
  });
});

test("an image of the model goes back to it, and an answer without a text is one message", () => {
  const type = "image_generation_call";
  const { messages } = read({
    input: [
      { role: "user", content: "Draw it." },
      { type, id: "ig_1", status: "completed", result: "AAAA", output_format: "webp" },
      { type, id: "ig_2", status: "completed", result: "https://example.com/a.png" },
      { role: "assistant", content: [{ type: "output_text", text: "Two." }] },
    ],
  });
  const image = (url: string) => ({ type: "image_url", image_url: { url } });
  expect(messages).toEqual([
    { role: "user", content: "Draw it." },
    {
      role: "assistant",
      content: "Two.",
      images: [image("data:image/webp;base64,AAAA"), image("https://example.com/a.png")],
    },
  ]);
});
