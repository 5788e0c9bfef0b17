import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { quoted } from "@orchestra/core/extend";
import { McpServerError } from "../mcp-server-error.ts";
import type { ToolChange } from "../mcp-event.ts";
import type { McpOptions } from "../options.ts";
import { readPins, writePins } from "./pin-file.ts";
import { changesOf, pinTools, type McpPins } from "./pins.ts";

/** A server's tools, and the function that cleans its texts for errors. */
export interface ListedTools {
  readonly name: string;
  readonly tools: readonly Tool[];
  readonly clean: (text: string) => string;
}

/**
 * Compares what servers list with the pins, and pins the tools of servers that are new.
 *
 * @returns the pins of all servers, also of those that are not in use now
 * @throws {McpServerError} with the reason `tools_changed`
 */
export async function checkPins(
  servers: readonly ListedTools[],
  { pins, updatePins = false }: Pick<McpOptions, "pins" | "updatePins">,
): Promise<McpPins> {
  const isFile = typeof pins === "string" || pins instanceof URL;
  const before = isFile ? await readPins(pins) : (pins ?? {});
  const listed = servers.map(({ name, tools }) => [name, pinTools(tools)] as const);
  const isNew = ([name]: readonly [string, object]) => updatePins || !Object.hasOwn(before, name);
  if (!updatePins) {
    const problems = servers.flatMap((server) => {
      const pinned = Object.hasOwn(before, server.name) ? before[server.name] : undefined;
      return pinned
        ? changesOf(pinned, server.tools).map((change) => describe(server, change))
        : [];
    });
    if (problems.length > 0) throw changed(problems, servers.length === 1 ? servers[0] : undefined);
  }
  const added = listed.filter(isNew);
  const now = { ...before, ...Object.fromEntries(added) };
  if (isFile && added.length > 0) await writePins(pins, now);
  return now;
}

function describe({ name, tools, clean }: ListedTools, { tool, changed }: ToolChange): string {
  const isDescribed = changed.includes("description") || changed.includes("new");
  const { description = "" } = tools.find((each) => each.name === tool) ?? {};
  const now = isDescribed ? `; its description is now ${quoted(clean(description))}` : "";
  return `${quoted(name)}: ${quoted(tool)} (${changed.join(", ")}${now})`;
}

function changed(problems: readonly string[], only: ListedTools | undefined): McpServerError {
  const rest = problems.length > 10 ? `; and ${problems.length - 10} more` : "";
  return new McpServerError(
    `MCP servers list other tools than those that were pinned. ${problems.slice(0, 10).join("; ")}${rest}. ` +
      "Read the new descriptions; if they are right, open the servers once with updatePins: true",
    { reason: "tools_changed", ...(only && { server: only.name }) },
  );
}
