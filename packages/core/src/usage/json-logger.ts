import { jsonLine } from "./json-line.ts";
import {
  isLogged,
  silentLogger,
  type LineLevel,
  type Logger,
  type LoggerOptions,
} from "./logger.ts";

export interface JsonLoggerOptions extends Omit<LoggerOptions, "isPretty"> {
  /** Takes one line or several, each with its end. @defaultValue writes to standard error */
  readonly write?: (lines: string) => void;
}

/**
 * Writes one JSON line an entry, in the form of {@link createLogger}'s. It does not load winston, whose
 * streams cost ten times as much as the line itself.
 *
 * The lines of one turn of the event loop are written together at its end, so that no answer waits for
 * its line; an error is written at once, and so is everything when the process ends.
 */
export function createJsonLogger({
  level: threshold,
  redact,
  write = toStandardError,
}: JsonLoggerOptions): Logger {
  if (threshold === "silent") return silentLogger;
  let waiting = "";
  const flush = (): void => {
    process.off("exit", flush);
    const lines = waiting;
    waiting = "";
    if (lines !== "") write(lines);
  };
  const log = (level: LineLevel) => (message: string, fields?: object) => {
    if (!isLogged(level, threshold)) return;
    if (waiting === "") {
      process.once("exit", flush);
      setImmediate(flush);
    }
    waiting += `${jsonLine(entryOf(level, message, fields), redact)}\n`;
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
function entryOf(level: LineLevel, message: string, fields: Partial<Error> = {}): object {
  const { message: more, stack, cause } = fields;
  return {
    ...fields,
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined ? {} : { cause }),
    level,
    message: more ? `${message} ${more}` : message,
    timestamp: new Date().toISOString(),
  };
}

function toStandardError(lines: string): void {
  process.stderr.write(lines);
}
