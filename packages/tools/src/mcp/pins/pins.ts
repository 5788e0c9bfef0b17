import { createHash } from "node:crypto";
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import type { ToolChange } from "../mcp-event.ts";

/** The original state of a tool, as SHA-256 in hexadecimal. */
export interface ToolPin {
  readonly description: string;
  readonly inputSchema: string;
  /** Hints, such as that the tool only reads. */
  readonly annotations: string;
}

/** The pins of every server's tools, by the names of both. */
export type McpPins = Readonly<Record<string, ServerPins>>;
export type ServerPins = Readonly<Record<string, ToolPin>>;

export function pinTools(tools: readonly Tool[]): ServerPins {
  return Object.fromEntries(tools.map((tool) => [tool.name, pinOf(tool)]));
}

function pinOf({ description, inputSchema, annotations }: Tool): ToolPin {
  return {
    description: hash(description ?? ""),
    inputSchema: hash(inputSchema),
    annotations: hash(annotations ?? {}),
  };
}

/** The tools that differ from their pins. A missing tool is not a change: it cannot mislead a model. */
export function changesOf(pinned: ServerPins, tools: readonly Tool[]): ToolChange[] {
  return tools.flatMap((tool): ToolChange[] => {
    const { name } = tool;
    const pin = Object.hasOwn(pinned, name) ? pinned[name] : undefined;
    if (!pin) return [{ tool: name, changed: ["new"] }];
    const now = pinOf(tool);
    const changed = [
      ...(pin.description === now.description ? [] : ["description" as const]),
      ...(pin.inputSchema === now.inputSchema ? [] : ["input schema" as const]),
      ...(pin.annotations === now.annotations ? [] : ["annotations" as const]),
    ];
    return changed.length === 0 ? [] : [{ tool: name, changed }];
  });
}

function hash(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** JSON with sorted fields: servers may list them in another order each time. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
