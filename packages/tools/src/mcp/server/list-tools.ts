import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { z } from "zod";
import { usableTools, type ListedTools } from "./usable-tools.ts";

const maxPages = 100;

/** The SDK's own schema refuses the whole list because of one invalid tool. */
const page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });

/** @throws {Error} with the problem of the list */
export async function listTools(
  client: Client,
  maxTools: number,
  options: RequestOptions,
): Promise<ListedTools> {
  const listed: unknown[] = [];
  let cursor: string | null | undefined;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const params = cursor ? { cursor } : {};
    const { tools, nextCursor } = await client.request(
      { method: "tools/list", params },
      page,
      options,
    );
    listed.push(...tools);
    if (listed.length > maxTools)
      throw new Error(`it lists more than ${maxTools} tools (maxTools)`);
    cursor = nextCursor;
    if (!cursor) return usableTools(listed);
  }
  throw new Error(`its list of tools has more than ${maxPages} pages`);
}
