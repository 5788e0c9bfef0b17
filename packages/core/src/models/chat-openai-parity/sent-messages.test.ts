import {
  AIMessage,
  ChatMessage,
  FunctionMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type BaseMessageLike,
} from "@langchain/core/messages";
import type { Json } from "../__fixtures__/openai-completion.ts";
import { describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { city, wireCall } from "../__fixtures__/tools.ts";

/** Messages, and how the request must have them. */
function sentMessages(
  name: string,
  messages: readonly BaseMessageLike[],
  wire: readonly Json[],
  more: Partial<ParityCase> = {},
): ParityCase {
  return {
    name,
    run: (model) => model.invoke([...messages]),
    body: { messages: wire },
    ...more,
  };
}

const blocks = (content: ConstructorParameters<typeof HumanMessage>[0]) => [
  new HumanMessage(content),
];
const user = (...content: readonly Json[]) => [{ role: "user", content }];
const png = "iVBORw0KGgo=";
const dataUrl = `data:image/png;base64,${png}`;
const call = { id: "call_1", name: "get_weather", args: { city: "Paris" } };

describeParity("messages in the request", [
  sentMessages(
    "system, human and AI",
    [
      new SystemMessage("Be brief"),
      new HumanMessage("Hi"),
      new AIMessage("Hello"),
      new HumanMessage("?"),
    ],
    [
      { role: "system", content: "Be brief" },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
      { role: "user", content: "?" },
    ],
  ),
  sentMessages(
    "tuples and plain objects",
    [["system", "Be brief"], { role: "user", content: "Hi" }],
    [
      { role: "system", content: "Be brief" },
      { role: "user", content: "Hi" },
    ],
  ),
  sentMessages(
    "the developer role",
    [new ChatMessage("Be brief", "developer"), new HumanMessage("Hi")],
    [
      { role: "developer", content: "Be brief" },
      { role: "user", content: "Hi" },
    ],
  ),
  sentMessages(
    "system messages to a reasoning model",
    [new SystemMessage("Be brief"), new HumanMessage("Hi")],
    [
      { role: "developer", content: "Be brief" },
      { role: "user", content: "Hi" },
    ],
    { fields: { model: "o3-mini" } },
  ),
  sentMessages(
    "names",
    [
      new HumanMessage({ content: "Hi", name: "ann" }),
      new AIMessage({ content: "Hello", name: "bot" }),
    ],
    [
      { role: "user", content: "Hi", name: "ann" },
      { role: "assistant", content: "Hello", name: "bot" },
    ],
  ),
  sentMessages(
    "tool calls and their results",
    [
      new HumanMessage("Hi"),
      new AIMessage({ content: "", tool_calls: [call] }),
      new ToolMessage({ content: "Sunny", tool_call_id: "call_1", name: "get_weather" }),
    ],
    [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "", tool_calls: [wireCall] },
      { role: "tool", content: "Sunny", tool_call_id: "call_1", name: "get_weather" },
    ],
  ),
  sentMessages(
    "raw tool calls of additional_kwargs",
    [
      new HumanMessage("Hi"),
      new AIMessage({
        content: "",
        additional_kwargs: { tool_calls: [{ ...wireCall, type: "function" }] },
      }),
      new ToolMessage({ content: [{ type: "text", text: "Sunny" }], tool_call_id: "call_1" }),
    ],
    [
      { role: "user" },
      { role: "assistant", tool_calls: [wireCall] },
      { role: "tool", content: [{ type: "text", text: "Sunny" }], tool_call_id: "call_1" },
    ],
  ),
  sentMessages(
    "legacy function messages",
    [
      new AIMessage({
        content: "",
        additional_kwargs: { function_call: { name: "get_weather", arguments: city } },
      }),
      new FunctionMessage({ content: "Sunny", name: "get_weather" }),
    ],
    [
      { role: "assistant", function_call: { name: "get_weather", arguments: city } },
      { role: "function", content: "Sunny", name: "get_weather" },
    ],
  ),
  sentMessages(
    "image_url",
    blocks({
      content: [
        { type: "text", text: "Look" },
        { type: "image_url", image_url: { url: dataUrl, detail: "low" } },
      ],
    }),
    user(
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: dataUrl, detail: "low" } },
    ),
  ),
  sentMessages(
    "standard image blocks",
    blocks({
      content: [
        { type: "image", source_type: "base64", mime_type: "image/png", data: png },
        { type: "image", source_type: "url", url: "https://example.com/a.png" },
      ],
    }),
    user(
      { type: "image_url", image_url: { url: dataUrl } },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
    ),
  ),
  sentMessages(
    "content blocks of version 1",
    blocks({
      contentBlocks: [
        { type: "text", text: "Look" },
        { type: "image", mimeType: "image/png", data: png },
      ],
    }),
    user({ type: "text", text: "Look" }, { type: "image_url", image_url: { url: dataUrl } }),
  ),
  sentMessages(
    "input_audio",
    blocks({
      content: [{ type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }],
    }),
    user({ type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }),
  ),
  sentMessages(
    "standard audio blocks",
    blocks({
      content: [{ type: "audio", source_type: "base64", mime_type: "audio/wav", data: "UklGRg==" }],
    }),
    user({ type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }),
  ),
  sentMessages(
    "files by id and by data",
    blocks({
      content: [
        { type: "file", file: { file_id: "file-1" } },
        {
          type: "file",
          source_type: "base64",
          mime_type: "application/pdf",
          data: "JVBERg==",
          metadata: { filename: "a.pdf" },
        },
      ],
    }),
    user(
      { type: "file", file: { file_id: "file-1" } },
      {
        type: "file",
        file: { file_data: "data:application/pdf;base64,JVBERg==", filename: "a.pdf" },
      },
    ),
  ),
  sentMessages(
    "reasoning blocks are left out",
    [
      new HumanMessage("Hi"),
      new AIMessage({
        content: [
          { type: "reasoning", reasoning: "Hmm" },
          { type: "text", text: "Hello" },
        ],
      }),
    ],
    [{ role: "user" }, { role: "assistant", content: [{ type: "text", text: "Hello" }] }],
  ),
  sentMessages(
    "cache breakpoints",
    blocks({
      content: [
        { type: "text", text: "Long", extras: { prompt_cache_breakpoint: { mode: "explicit" } } },
      ],
    }),
    user({ type: "text", text: "Long", prompt_cache_breakpoint: { mode: "explicit" } }),
  ),
  sentMessages(
    "a reference to earlier audio",
    [
      new AIMessage({ content: "", additional_kwargs: { audio: { id: "audio_1" } } }),
      new HumanMessage("Hi"),
    ],
    [
      { role: "assistant", content: "" },
      { role: "assistant", audio: { id: "audio_1" } },
      { role: "user" },
    ],
  ),
]);
