import { createJsonLogger } from "./json-logger.ts";
import { createLazyLogger } from "./lazy-logger.ts";
import type { Logger, LoggerOptions } from "./logger.ts";

/**
 * The default log of a process: readable lines on a terminal, and otherwise one line of JSON for each entry.
 * winston is only used on terminals: it takes longer to load than a call, and ten times as long for a line.
 */
export function createDefaultLogger(options: Pick<LoggerOptions, "level" | "redact">): Logger {
  return process.stderr.isTTY ? createLazyLogger(options) : createJsonLogger(options);
}
