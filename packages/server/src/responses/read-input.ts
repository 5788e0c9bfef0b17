import { chatImageOf } from "./image-item.ts";
import { readState } from "./model-state.ts";
import { readContent, type ChatContent } from "./read-content.ts";
import { flatName } from "./read-tools.ts";
import type { InputItem, ResponsesRequest } from "./request-schema.ts";
import { requiredText } from "./required-text.ts";
import { shownType, unsupported } from "./unsupported.ts";

interface ChatMessage {
  readonly role: string;
  content: ChatContent | null;
  tool_calls?: ChatCall[];
  images?: object[];
  readonly tool_call_id?: string;
  reasoning_content?: unknown;
}

interface ChatCall {
  readonly id: string;
  readonly type: "function";
  readonly function: object;
  extra_content?: unknown;
}

/**
 * The input as messages. A text of the model, its reasoning and the calls that follow become one message.
 *
 * @throws {ApiError} for items of tools that OpenAI runs, and those that refer to stored data
 */
export function readInput({ instructions, input }: ResponsesRequest): object[] {
  const messages: ChatMessage[] = [];
  if (instructions) messages.push({ role: "system", content: instructions });
  if (typeof input === "string") return [...messages, { role: "user", content: input }];
  const callState: Record<string, unknown> = {};
  for (const [at, item] of input.entries()) addItem(messages, item, `input[${at}]`, callState);
  for (const message of messages) {
    // Some servers refuse it where no tool was called.
    if (!message.tool_calls) delete message.reasoning_content;
    for (const call of message.tool_calls ?? []) {
      if (Object.hasOwn(callState, call.id)) call.extra_content = callState[call.id];
    }
  }
  // Reasoning without an answer.
  return messages.filter(
    ({ content, tool_calls, images }) => content !== null || tool_calls || images,
  );
}

function addItem(
  messages: ChatMessage[],
  item: InputItem,
  where: string,
  callState: Record<string, unknown>,
): void {
  switch (item.type ?? "message") {
    case "message":
      addMessage(messages, item, where);
      break;
    case "function_call":
      (lastOfModel(messages).tool_calls ??= []).push(callOf(item, where));
      break;
    case "function_call_output": {
      const tool_call_id = requiredText(item, "call_id", where);
      const content = readContent(item.output ?? "", `${where}.output`);
      messages.push({ role: "tool", tool_call_id, content });
      break;
    }
    case "image_generation_call": {
      const result = requiredText(item, "result", where);
      const { output_format } = item;
      const image = chatImageOf({ result, ...(output_format ? { output_format } : {}) });
      (lastOfModel(messages).images ??= []).push(image);
      break;
    }
    case "reasoning": {
      const state = readState(item["encrypted_content"]);
      if (!state) break;
      Object.assign(lastOfModel(messages), state.message);
      Object.assign(callState, state.calls);
      break;
    }
    default: {
      const what = `An item of the type ${shownType(item)}`;
      throw unsupported(
        where,
        what,
        "Send messages, function_call, function_call_output and image_generation_call.",
      );
    }
  }
}

function addMessage(messages: ChatMessage[], item: InputItem, where: string): void {
  const role = requiredText(item, "role", where);
  const content = readContent(item.content ?? "", `${where}.content`);
  const last = messages.at(-1);
  if (role === "assistant" && last?.role === "assistant" && isOpen(last)) {
    last.content = last.content === null ? content : joined(last.content, content);
  } else {
    messages.push({ role, content });
  }
}

/** Whether a text continues a message of the model: a result must follow its calls immediately. */
function isOpen({ content, tool_calls: calls }: ChatMessage): boolean {
  return content === null || calls !== undefined;
}

function joined(content: ChatContent, more: ChatContent): ChatContent {
  if (typeof content === "string" && typeof more === "string") return content + more;
  return [content, more].flatMap((each) =>
    typeof each === "string" ? [{ type: "text", text: each }] : each,
  );
}

/** The model's last message, which may have no text. */
function lastOfModel(messages: ChatMessage[]): ChatMessage {
  const last = messages.at(-1);
  if (last?.role === "assistant") return last;
  const message: ChatMessage = { role: "assistant", content: null };
  messages.push(message);
  return message;
}

function callOf(item: InputItem, where: string): ChatCall {
  const name = requiredText(item, "name", where);
  const { namespace } = item;
  const called = namespace ? flatName({ name, namespace }) : name;
  return {
    id: requiredText(item, "call_id", where),
    type: "function",
    function: { name: called, arguments: item.arguments ?? "" },
  };
}
