/** A function that a model may call, as the request describes it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

/** A call of a tool, its arguments as the JSON text on the wire. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One message of the conversation, its text joined from its parts. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly toolCallId?: string;
}

/** Whether the model must call tools: `required` means any of them, an object names the one. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** The parts of a chat completions request that the sandbox uses. */
export interface ChatRequest {
  readonly models: readonly string[];
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice;
  readonly responseFormat: ResponseFormat;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly requireParameters: boolean;
  readonly maxTokens?: number;
}

/** The required form of the answer. */
export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json" }
  | { readonly type: "schema"; readonly schema: JsonObject };

/** A parsed JSON object of which nothing is known yet. */
export type JsonObject = { readonly [key: string]: unknown };

/** True for objects, false for arrays and `null`. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
