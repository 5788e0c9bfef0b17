import type { ToolDefinition } from "./request-schema.ts";
import { requiredText } from "./required-text.ts";
import { shownType, unsupported } from "./unsupported.ts";

/** A function as its client names it: `namespace` is the client's group of it. */
export interface FunctionName {
  readonly name: string;
  readonly namespace?: string;
}

/** The tools of a request, in the form of a chat completion. */
export interface Tools {
  readonly list: readonly object[];
  /** The functions from namespaces, by their names for the model. */
  readonly names: ReadonlyMap<string, FunctionName>;
}

const advice = "Give the model a function that does it, and run that in your program.";
const searchAdvice =
  'Use OpenRouter\'s: plugins: [{ id: "web" }]. In Codex: web_search = "disabled" in its config.toml.';

/** @throws {ApiError} for tools that OpenAI runs itself, and those that are not functions */
export function readTools(definitions: readonly ToolDefinition[]): Tools {
  const names = new Map<string, FunctionName>();
  const list = definitions.flatMap((tool, at) => {
    const where = `tools[${at}]`;
    if (tool.type === "namespace") return ofNamespace(tool, where, names);
    // A search of OpenAI's cache, which Codex declares by default: the model does not need it.
    if (tool.type === "web_search" && tool["external_web_access"] === false) return [];
    return [ofFunction(tool, where)];
  });
  return { list, names };
}

/** The name of a function for a model. */
export function flatName({ name, namespace }: FunctionName): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

function ofNamespace(
  tool: ToolDefinition,
  where: string,
  names: Map<string, FunctionName>,
): object[] {
  const namespace = requiredText(tool, "name", where);
  return (tool.tools ?? []).map((inner, at) => {
    const place = `${where}.tools[${at}]`;
    const name = { name: requiredText(inner, "name", place), namespace };
    const flat = flatName(name);
    names.set(flat, name);
    return ofFunction({ ...inner, name: flat }, place);
  });
}

function ofFunction(tool: ToolDefinition, where: string): object {
  if (tool.type !== "function") {
    const instead = tool.type.startsWith("web_search") ? searchAdvice : advice;
    throw unsupported(`${where}.type`, `A tool of the type ${shownType(tool)}`, instead);
  }
  const name = requiredText(tool, "name", where);
  const { description, parameters, strict } = tool;
  const fields = Object.entries({ name, description, parameters, strict });
  const given = fields.filter(([, value]) => value !== undefined && value !== null);
  return { type: "function", function: Object.fromEntries(given) };
}

/** @throws {ApiError} for a choice of anything but a function */
export function readToolChoice(choice: unknown, { names }: Tools): unknown {
  if (typeof choice !== "object" || choice === null) return choice ?? undefined;
  const { type, namespace } = choice as Record<string, unknown>;
  if (type !== "function") {
    const what = `A choice of the type ${shownType(choice)}`;
    throw unsupported("tool_choice.type", what, 'Use "auto", "none", "required" or a function.');
  }
  const asked = requiredText(choice, "name", "tool_choice");
  const inNamespace = typeof namespace === "string" ? flatName({ name: asked, namespace }) : asked;
  return { type, function: { name: names.has(inNamespace) ? inNamespace : asked } };
}
