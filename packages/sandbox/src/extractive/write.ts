import {
  isJsonObject,
  type ChatMessage,
  type ChatRequest,
  type JsonObject,
  type ToolCall,
  type ToolDefinition,
} from "../wire/chat-request.ts";
import { composeFile } from "./compose.ts";
import type { Finding } from "./finding.ts";
import { fitText } from "./schema/fit.ts";
import { placeholder } from "./schema/placeholder.ts";
import { commandsToWrite, nameFile, splitTarget } from "./target.ts";
import { callsSinceUser, fileParameters, isFileWriter } from "./tools.ts";

/** The call that writes the finding to a file, if there is a tool for it and it was not called yet. */
export function nextWrite(
  { tools, toolChoice, messages }: ChatRequest,
  finding: Finding,
): { tool: ToolDefinition; args: JsonObject } | undefined {
  if (!finding.isFound || toolChoice === "none") return undefined;
  const named = splitTarget(finding.question).path;
  const tool = tools.find(
    (tool) =>
      (typeof toolChoice !== "object" || toolChoice.name === tool.name) &&
      (named === undefined ? isFileWriter(tool) : fileParameters(tool) !== undefined),
  );
  const names = tool && fileParameters(tool);
  if (!names || (named === undefined && !isToWrite(finding))) return undefined;
  const { properties } = tool.parameters;
  const schemas = isJsonObject(properties) ? properties : {};
  const path = fitted(schemas[names.path], named ?? nameFile(finding.terms));
  if (hasWritten(messages, tool, path)) return undefined;
  const content = fitted(schemas[names.content], composeFile(finding, path));
  return { tool, args: { ...minArguments(tool), [names.path]: path, [names.content]: content } };
}

/** Whether the task is to write, as for an agent that gets the findings of other agents. */
function isToWrite({ basis, question }: Finding): boolean {
  return basis === "claims" || commandsToWrite(question);
}

/** A tool is called once in a turn, and once for a file in a conversation: its result is not requested again. */
function hasWritten(messages: readonly ChatMessage[], tool: ToolDefinition, path: string): boolean {
  const ofTool = ({ name }: ToolCall) => name === tool.name;
  return (
    callsSinceUser(messages).some(ofTool) ||
    messages
      .flatMap(({ toolCalls }) => toolCalls)
      .filter(ofTool)
      .some((call) => call.arguments.includes(JSON.stringify(path)))
  );
}

function minArguments({ parameters: { properties, required } }: ToolDefinition): JsonObject {
  const schemas = isJsonObject(properties) ? properties : {};
  const names = Array.isArray(required) ? required.map(String) : [];
  return Object.fromEntries(names.map((name) => [name, placeholder(schemas[name])]));
}

function fitted(schema: unknown, text: string): string {
  return isJsonObject(schema) ? fitText(schema, text) : text;
}
