import { createHash } from "node:crypto";

/** OpenAI's rule for a tool's name, which most providers use: 1 to 64 of these characters. */
const maxLength = 64;

/** A tool of a server. */
export interface NamedTool {
  readonly server: string;
  readonly tool: string;
}

/**
 * Names for models: `server__tool`. A name that has to be changed, or that two tools would have, ends
 * with a hash of both names. It does not depend on the other servers that are configured.
 */
export function toolNames<T extends NamedTool>(tools: readonly T[]): ReadonlyMap<string, T> {
  const plain = tools.map(plainName);
  const counts = new Map<string, number>();
  for (const name of plain) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    tools.map((tool, index) => {
      const name = plain[index] ?? "";
      const isFit = /^[a-zA-Z0-9_-]{1,64}$/.test(name) && counts.get(name) === 1;
      return [isFit ? name : withHash(name, tool), tool];
    }),
  );
}

/** The name of a tool if it is valid, and no other tool has the same name. */
export function plainName({ server, tool }: NamedTool): string {
  return `${server}__${tool}`;
}

function withHash(name: string, { server, tool }: NamedTool): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([server, tool]))
    .digest("hex");
  const end = `_${hash.slice(0, 10)}`;
  return `${name.replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(0, maxLength - end.length)}${end}`;
}
