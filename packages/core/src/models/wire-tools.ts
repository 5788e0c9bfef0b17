import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import { checkToolName } from "../completions/index.ts";
import {
  checkTools,
  describeSchema,
  isUnknownToLangChain,
  type AnySchema,
} from "../completions/schemas/index.ts";
import { checkInput } from "../input/check-input.ts";
import { toolList } from "../gateway/call-options-schema.ts";

/** The fields of a tool that LangChain runs itself. */
interface NamedTool {
  readonly name: string;
  readonly description?: string;
  readonly schema: AnySchema;
}

/**
 * Tools in a form that LangChain can convert. If it cannot convert a tool's schema, the schema is converted here.
 *
 * @throws {ArgumentError} for a name that no provider accepts
 * @throws {ArgumentError} for a value that is not a tool, and for a schema that JSON Schema cannot express
 */
export function toWireTools(tools: readonly BindToolsInput[]): readonly BindToolsInput[] {
  checkInput(toolList, tools, "bindTools()", "tools");
  for (const tool of tools) {
    const { name, function: called } = tool as { name?: unknown; function?: { name?: unknown } };
    const given = called?.name ?? name;
    if (typeof given === "string") checkToolName(given, "bindTools()");
  }
  checkTools(tools.filter(isNamed), "bindTools()");
  return tools.map((tool) =>
    isNamed(tool) && isUnknownToLangChain(tool.schema) ? toWire(tool) : tool,
  );
}

function isNamed(tool: unknown): tool is NamedTool {
  const { name, schema } = tool as Partial<NamedTool>;
  return typeof name === "string" && typeof schema === "object";
}

function toWire({ name, description = "", schema }: NamedTool): BindToolsInput {
  const parameters = { ...describeSchema(schema).jsonSchema };
  return { type: "function", function: { name, description, parameters } };
}
