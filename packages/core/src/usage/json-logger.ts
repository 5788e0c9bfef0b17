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

/** How long a line waits for others, in milliseconds: one write for each call takes longer than the line. */
const maxWaitMs = 10;

export interface JsonLoggerOptions extends Omit<LoggerOptions, "isPretty"> {
  /** Takes one line or several, each with its end. @defaultValue writes to standard error */
  readonly write?: (lines: string) => void;
  /** @defaultValue the machine's own clock */
  readonly clock?: Clock;
}

const optionsSchema = z.lazy(() =>
  z.looseObject({ level: z.enum(["error", "warn", "info", "debug", "silent"]), redact: callback }),
);

/**
 * Writes one JSON line an entry, in the form of {@link createLogger}'s. It does not load winston, whose
 * streams cost ten times as much as the line itself.
 *
 * The lines of 10 ms are written together. An error is written at once, with the lines before it, and so
 * is everything when the process ends; only a process that is killed by a signal can lose lines.
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

/** As winston puts an entry together: what an error among the fields says is part of the entry. */
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
