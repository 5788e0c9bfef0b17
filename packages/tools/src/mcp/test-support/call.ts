import type { McpServers } from "../index.ts";

/** Calls a tool by its name for models. */
export function call(
  { tools }: McpServers,
  name: string,
  args: Record<string, unknown> = {},
  signal?: AbortSignal,
): Promise<unknown> {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new Error(`There is no tool ${name}`);
  return tool.invoke(args, signal ? { signal } : {}) as Promise<unknown>;
}

/** The error of a call. */
export async function failedCall(...args: Parameters<typeof call>): Promise<Error> {
  const result = await call(...args).catch((error: unknown) => error);
  if (result instanceof Error) return result;
  throw new Error(`The call succeeded: ${String(result)}`);
}
