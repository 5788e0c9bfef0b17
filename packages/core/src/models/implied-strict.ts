import type { WireTool } from "../completions/index.ts";
import { isStrict } from "../completions/schemas/index.ts";

/**
 * LangChain sets `strict` for every tool of a request with a response format. It is removed if
 * strict mode cannot express the tool's schema, because such a request would be refused. A `strict` that the
 * caller has set is kept.
 *
 * @param given - The tools as the caller bound them.
 */
export function withoutImpliedStrict<Tool extends WireTool>(
  tools: readonly Tool[],
  given: readonly unknown[],
): Tool[] {
  return tools.map((tool, at) => {
    if (tool.type !== "function" || !tool.function.strict) return tool;
    if (hasOwnStrict(given[at]) || isStrict(tool.function.parameters)) return tool;
    const { strict: _, ...called } = tool.function;
    return { ...tool, function: called };
  });
}

function hasOwnStrict(tool: unknown): boolean {
  const { function: called } = (tool ?? {}) as {
    readonly function?: { readonly strict?: unknown };
  };
  return called?.strict !== undefined;
}
