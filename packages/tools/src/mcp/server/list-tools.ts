import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { quoted } from "@orchestra/core/extend";
import { expandedSize } from "./schema-size.ts";

const maxPages = 100;
/** Characters of one tool's description and schema, as JSON. */
const maxToolLength = 100_000;
/** Parts of a schema, with each reference replaced by what it refers to: LangChain does that. */
const maxSchemaParts = 20_000;

/** @throws {Error} that says what is wrong with the list */
export async function listTools(
  client: Client,
  maxTools: number,
  options: RequestOptions,
): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const result = await client.listTools(cursor === undefined ? {} : { cursor }, options);
    tools.push(...result.tools);
    if (tools.length > maxTools) {
      throw new Error(`it lists more than ${maxTools} tools (maxTools)`);
    }
    cursor = result.nextCursor;
    if (cursor === undefined) return checkTools(tools);
  }
  throw new Error(`its list of tools has more than ${maxPages} pages`);
}

function checkTools(tools: Tool[]): Tool[] {
  const names = new Set<string>();
  for (const { name, description, inputSchema, annotations } of tools) {
    const shown = quoted(name);
    if (names.has(name)) throw new Error(`it lists the tool ${shown} twice`);
    names.add(name);
    if (name === "") throw new Error("it lists a tool without a name");
    if (expandedSize(inputSchema, maxSchemaParts) > maxSchemaParts) {
      throw new Error(`the input schema of its tool ${shown} is too large, or nested too deeply`);
    }
    if (JSON.stringify([description, inputSchema, annotations]).length > maxToolLength) {
      throw new Error(
        `the description and schema of its tool ${shown} have more than ${maxToolLength} characters`,
      );
    }
  }
  return tools;
}
