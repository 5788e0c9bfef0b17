import { createJsonLogger } from "./json-logger.ts";
import { createLazyLogger } from "./lazy-logger.ts";
import type { Logger, LoggerOptions } from "./logger.ts";

/**
 * The log of a process that is given none: for people on a terminal, and elsewhere one JSON line an entry.
 * winston is for terminals alone: it takes longer to load than a call, and ten times as long for a line.
 */
export function createDefaultLogger(options: Pick<LoggerOptions, "level" | "redact">): Logger {
  return process.stderr.isTTY ? createLazyLogger(options) : createJsonLogger(options);
}
