import { z } from "zod";
import { systemClock, type Clock } from "../clock/index.ts";
import { checkInput } from "../input/check-input.ts";
import { callback } from "../input/schemas.ts";
import { jsonLine, shortStack } from "./json-line.ts";
import {
  isLogged,
  silentLogger,
  type LineLevel,
  type Logger,
  type LoggerOptions,
} from "./logger.ts";

/** How long lines are collected, in milliseconds: a write takes longer than creating a line. */
const maxWaitMs = 10;

export interface JsonLoggerOptions extends Omit<LoggerOptions, "isPretty"> {
  /** Receives one or more lines, each with a line feed at its end. @defaultValue writes to standard error */
  readonly write?: (lines: string) => void;
  /** @defaultValue the machine's own clock */
  readonly clock?: Clock;
}

const optionsSchema = z.lazy(() =>
  z.looseObject({ level: z.enum(["error", "warn", "info", "debug", "silent"]), redact: callback }),
);

/**
 * Writes one JSON line for each entry, in the same form as {@link createLogger}. It does not load winston, whose
 * streams take ten times as long as creating the line.
 *
 * Lines are collected for 10 ms and written together. An error is written at once, with the lines before it. When the
 * process ends, the rest is written; only a process that is killed by a signal can lose lines.
 */
export function createJsonLogger(options: JsonLoggerOptions): Logger {
  if (options?.level === undefined || typeof options.redact !== "function") {
    checkInput(optionsSchema, options, "createJsonLogger()");
  }
  const { level: threshold, redact, write = toStandardError, clock = systemClock } = options;
  if (threshold === "silent") return silentLogger;
  let waiting = "";
  let cancelTimer: (() => void) | undefined;
  const flush = (): void => {
    process.off("exit", flush);
    cancelTimer?.();
    const lines = waiting;
    waiting = "";
    write(lines);
  };
  const log = (level: LineLevel) => (message: string, fields?: object) => {
    if (!isLogged(level, threshold)) return;
    if (waiting === "") {
      process.once("exit", flush);
      cancelTimer = clock.after(maxWaitMs, flush, true);
    }
    waiting += `${jsonLine(entryOf(clock.now(), level, message, fields), redact)}\n`;
    if (level === "error") flush();
  };
  return {
    error: log("error"),
    warn: log("warn"),
    info: log("info"),
    debug: log("debug"),
    isLevelEnabled: (level) => isLogged(level, threshold),
  };
}

/** An entry like those of winston: the message of an error in `fields` is appended to the entry's message. */
function entryOf(
  now: number,
  level: LineLevel,
  message: string,
  fields: Partial<Error> = {},
): object {
  const { message: more, stack, cause } = fields;
  const entry: Record<string, unknown> = { ...fields };
  if (stack !== undefined) entry["stack"] = shortStack(stack, more);
  if (cause !== undefined) entry["cause"] = cause;
  entry["level"] = level;
  entry["message"] = more ? `${message} ${more}` : message;
  entry["timestamp"] = new Date(now).toISOString();
  return entry;
}

function toStandardError(lines: string): void {
  process.stderr.write(lines);
}
