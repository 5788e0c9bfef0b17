import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { checkInput } from "@orchestra/core/extend";
import { McpServerError } from "../mcp-server-error.ts";
import { pinsSchema } from "../options.ts";
import type { McpPins } from "./pins.ts";

/** The pins of a file; none if the file does not exist. */
export async function readPins(file: string | URL): Promise<McpPins> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as { readonly code?: string }).code === "ENOENT") return {};
    throw unusable(file, "it cannot be read", cause);
  }
  try {
    const pins: unknown = JSON.parse(text);
    checkInput(pinsSchema, pins, "its content", "pins");
    return pins as McpPins;
  } catch (cause) {
    throw unusable(file, (cause as Error).message, cause);
  }
}

/** Replaces the file as a whole. */
export async function writePins(file: string | URL, pins: McpPins): Promise<void> {
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(pins, null, 2)}\n`);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unusable(file, "it cannot be written", cause);
  }
}

function unusable(file: string | URL, problem: string, cause: unknown): McpServerError {
  return new McpServerError(
    `The file of MCP pins (${String(file)}) cannot be used: ${problem}. Delete it to pin the tools as they are now`,
    { reason: "invalid_config", cause },
  );
}
