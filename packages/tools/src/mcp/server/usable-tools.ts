import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { isObject, issues, type Fields } from "@orchestra/core/extend";
import { schemaProblem } from "./schema-problem.ts";

/** Maximum characters of one tool's description and schema, as JSON. */
const maxToolLength = 100_000;

/** A tool that is ignored. */
export interface SkippedTool {
  /** The tool's name on the server; `""` for one without a name. */
  readonly tool: string;
  /** The problem of the tool. */
  readonly problem: string;
}

/** A server's list: the tools that can be used, and the others. */
export interface ListedTools {
  readonly tools: readonly Tool[];
  readonly skipped: readonly SkippedTool[];
}

/** Separates the tools that no model could call, or that no provider would accept, from the others. */
export function usableTools(listed: readonly unknown[]): ListedTools {
  const tools = new Map<string, Tool>();
  const skipped: SkippedTool[] = [];
  for (const given of listed) {
    const { name, ...fields } = (given ?? {}) as Readonly<Record<string, unknown>>;
    const tool = typeof name === "string" ? name : "";
    const problem =
      tool === ""
        ? "it has no name"
        : (tools.has(tool) && "it is listed twice") || problemOf(fields);
    if (problem) skipped.push({ tool, problem });
    else tools.set(tool, toTool(tool, fields));
  }
  return { tools: [...tools.values()], skipped };
}

function problemOf({ description, inputSchema, annotations }: Fields): string | undefined {
  if (!isObject(inputSchema)) {
    return `its inputSchema ${issues.expected("an object")({ input: inputSchema })}`;
  }
  if (typeof (description ?? "") !== "string") {
    return `its description ${issues.expected("a text")({ input: description })}`;
  }
  const problem = schemaProblem(inputSchema);
  if (problem !== undefined) return `its inputSchema ${problem}`;
  return JSON.stringify([description, inputSchema, annotations]).length > maxToolLength
    ? `its description and schema have more than ${maxToolLength} characters`
    : undefined;
}

/** The parts of a tool that a call needs. Invalid hints are omitted, and so are all other fields. */
function toTool(name: string, { description, inputSchema, annotations }: Fields): Tool {
  return {
    name,
    ...(typeof description === "string" ? { description } : {}),
    inputSchema: { ...withoutForeignPatterns(inputSchema as object), type: "object" },
    ...(isObject(annotations) ? { annotations } : {}),
  };
}

/** Patterns in the syntax of another language are checked only by the server. */
function withoutForeignPatterns(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === "pattern" && typeof value === "string" && !isPattern(value) ? undefined : value,
  ) as object;
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
