import { chatImageOf } from "./image-item.ts";
import { readContent, type ChatContent } from "./read-content.ts";
import { flatName } from "./read-tools.ts";
import type { InputItem, ResponsesRequest } from "./request-schema.ts";
import { requiredText } from "./required-text.ts";
import { shownType, unsupported } from "./unsupported.ts";

interface ChatMessage {
  readonly role: string;
  content: ChatContent | null;
  tool_calls?: object[];
  images?: object[];
  reasoning_details?: readonly unknown[];
  readonly tool_call_id?: string;
}

/**
 * The input as messages. A text of the model and the calls that follow it become one message.
 *
 * @throws {ApiError} for items of tools that OpenAI runs, and those that refer to stored data
 */
export function readInput({ instructions, input }: ResponsesRequest): object[] {
  const messages: ChatMessage[] = [];
  if (instructions) messages.push({ role: "system", content: instructions });
  if (typeof input === "string") return [...messages, { role: "user", content: input }];
  for (const [at, item] of input.entries()) addItem(messages, item, `input[${at}]`);
  return messages;
}

function addItem(messages: ChatMessage[], item: InputItem, where: string): void {
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
    case "reasoning":
      // Reasoning is created again: its signature belongs to the provider, and may not be valid for the next one.
      break;
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
  if (role === "assistant" && last?.role === "assistant" && last.content === null) {
    last.content = content;
  } else {
    messages.push({ role, content });
  }
}

/** The model's last message, which may have no text. */
function lastOfModel(messages: ChatMessage[]): ChatMessage {
  const last = messages.at(-1);
  if (last?.role === "assistant") return last;
  const message: ChatMessage = { role: "assistant", content: null };
  messages.push(message);
  return message;
}

function callOf(item: InputItem, where: string): object {
  const name = requiredText(item, "name", where);
  const { namespace } = item;
  const called = namespace ? flatName({ name, namespace }) : name;
  return {
    id: requiredText(item, "call_id", where),
    type: "function",
    function: { name: called, arguments: item.arguments ?? "" },
  };
}
