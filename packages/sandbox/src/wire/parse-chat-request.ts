import {
  isJsonObject,
  type ChatMessage,
  type ChatRequest,
  type JsonObject,
  type ResponseFormat,
  type ToolCall,
  type ToolChoice,
  type ToolDefinition,
} from "./chat-request.ts";

/** The problem of a request, in the words of the answer's `error.message`. */
export class InvalidChatRequestError extends Error {
  override readonly name = "InvalidChatRequestError";
}

/**
 * Reads a parsed request body. Unknown parameters are ignored, as OpenRouter ignores them.
 *
 * @throws {@link InvalidChatRequestError} if there is nothing to answer.
 */
export function parseChatRequest(body: JsonObject): ChatRequest {
  const models = parseModels(body);
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw new InvalidChatRequestError('Input required: specify "prompt" or "messages"');
  }
  const maxTokens = parseMaxTokens(body);
  return {
    models,
    messages: body.messages.map(parseMessage),
    tools: Array.isArray(body.tools) ? body.tools.flatMap(parseTool) : [],
    toolChoice: parseToolChoice(body.tool_choice),
    responseFormat: parseResponseFormat(body.response_format),
    stream: body.stream === true,
    includeUsage: isJsonObject(body.stream_options) && body.stream_options.include_usage === true,
    requireParameters: isJsonObject(body.provider) && body.provider.require_parameters === true,
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

function parseModels(body: JsonObject): string[] {
  const further: unknown[] = Array.isArray(body.models) ? body.models : [];
  const names = [body.model, ...further].filter(
    (name): name is string => typeof name === "string" && name !== "",
  );
  if (names.length === 0) throw new InvalidChatRequestError("No models provided");
  return [...new Set(names)];
}

function parseMaxTokens(body: JsonObject): number | undefined {
  const value = body.max_completion_tokens ?? body.max_tokens;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) {
    throw new InvalidChatRequestError("max_tokens must be a positive integer");
  }
  return value;
}

const ROLES: Record<string, ChatMessage["role"]> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
};

function parseMessage(value: unknown, index: number): ChatMessage {
  const role = isJsonObject(value) ? ROLES[String(value.role)] : undefined;
  if (!isJsonObject(value) || role === undefined) {
    throw new InvalidChatRequestError(`messages.${index}: unknown or missing role`);
  }
  return {
    role,
    text: textOf(value.content),
    toolCalls: Array.isArray(value.tool_calls) ? value.tool_calls.flatMap(parseToolCall) : [],
    ...(typeof value.tool_call_id === "string" && { toolCallId: value.tool_call_id }),
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => (isJsonObject(part) && typeof part.text === "string" ? part.text : ""))
    .filter((text) => text !== "")
    .join("\n");
}

function parseToolCall(value: unknown): ToolCall[] {
  if (!isJsonObject(value) || !isJsonObject(value.function)) return [];
  const { name, arguments: args } = value.function;
  return [{ id: String(value.id), name: String(name), arguments: String(args) }];
}

function parseTool(value: unknown): ToolDefinition[] {
  if (!isJsonObject(value) || !isJsonObject(value.function)) return [];
  const { name, description, parameters } = value.function;
  if (typeof name !== "string") return [];
  return [
    {
      name,
      description: typeof description === "string" ? description : "",
      parameters: isJsonObject(parameters) ? parameters : {},
    },
  ];
}

function parseToolChoice(value: unknown): ToolChoice {
  if (value === "none" || value === "required") return value;
  if (value === "any") return "required";
  if (isJsonObject(value) && isJsonObject(value.function)) {
    return { name: String(value.function.name) };
  }
  return "auto";
}

function parseResponseFormat(value: unknown): ResponseFormat {
  if (!isJsonObject(value)) return { type: "text" };
  if (value.type === "json_object") return { type: "json" };
  if (value.type !== "json_schema" || !isJsonObject(value.json_schema)) return { type: "text" };
  const { schema } = value.json_schema;
  return isJsonObject(schema) ? { type: "schema", schema } : { type: "json" };
}
