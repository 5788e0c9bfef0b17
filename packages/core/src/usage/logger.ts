import type winston from "winston";
import { z } from "zod";
import { checkInput } from "../input/check-input.ts";
import { callback } from "../input/schemas.ts";
import { escapeControls } from "../errors/escape-controls.ts";
import type { LogLevel } from "../settings/index.ts";
import type { CallRecord } from "./call-record.ts";
import { cleaned, jsonLine, shortStack } from "./json-line.ts";

/** The part of a logger that Orchestra uses; a winston logger is one, and so is console. */
export interface Logger {
  error(message: string, fields?: object): unknown;
  warn(message: string, fields?: object): unknown;
  info(message: string, fields?: object): unknown;
  debug(message: string, fields?: object): unknown;
  /**
   * Whether lines of a level are written. If not, Orchestra does not pass them to the logger, because winston would
   * format each of them before it discards it.
   *
   * @defaultValue all lines are written
   */
  isLevelEnabled?(level: LineLevel): boolean;
}

export type LineLevel = Exclude<LogLevel, "silent">;

const severity = { error: 0, warn: 1, info: 2, debug: 3 } as const satisfies Record<
  LineLevel,
  number
>;

/** Whether a log of the level `threshold` has the lines of `level`. */
export function isLogged(level: LineLevel, threshold: LineLevel): boolean {
  return severity[level] <= severity[threshold];
}

/** Writes nothing. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  isLevelEnabled: () => false,
};

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Removes secrets from a text. */
  readonly redact: (text: string) => string;
  /** Whether lines are for people instead of JSON. @defaultValue whether standard error is a terminal */
  readonly isPretty?: boolean;
}

const optionsSchema = z.lazy(() =>
  z.strictObject({
    level: z.enum(["error", "warn", "info", "debug", "silent"]),
    redact: callback,
    isPretty: z.boolean().optional(),
  } satisfies Record<keyof LoggerOptions, z.ZodType>),
);

/** The format functions of winston. */
type Formats = typeof winston.format;

/**
 * A winston logger that writes one line for each entry to standard error, as JSON or for people.
 * The first call loads winston, synchronously.
 */
export function createLogger(options: LoggerOptions): winston.Logger {
  checkInput(optionsSchema, options, "createLogger()");
  const { level, redact, isPretty } = options;
  const winston = loadWinston();
  const { format } = winston;
  const { combine, timestamp, errors } = format;
  const pretty = isPretty ?? process.stderr.isTTY;
  return winston.createLogger({
    level: level === "silent" ? "error" : level,
    silent: level === "silent",
    format: combine(
      timestamp(),
      errors(),
      shortening(format),
      ...(pretty ? [redacting(format, redact), forPeople(format)] : [forMachines(format, redact)]),
    ),
    transports: [
      new winston.transports.Console({ stderrLevels: ["error", "warn", "info", "debug"] }),
    ],
  });
}

/** winston is CommonJS, which Node can load at any time, and without a promise. */
function loadWinston(): typeof winston {
  return process.getBuiltinModule("node:module").createRequire(import.meta.url)(
    "winston",
  ) as typeof winston;
}

/** One JSON line. */
function forMachines(
  { printf }: Formats,
  redact: (text: string) => string,
): winston.Logform.Format {
  return printf((entry) => jsonLine(entry, redact));
}

/** Removes an error's message from its stack: the message of the entry contains it. */
function shortening(format: Formats): winston.Logform.Format {
  return format((entry) =>
    entry["stack"] === undefined
      ? entry
      : Object.assign(entry, { stack: shortStack(entry["stack"], entry.message) }),
  )();
}

/** Redacts every string of an entry, at any depth, because the text of any error may contain a secret. */
function redacting(format: Formats, redact: (text: string) => string) {
  return format((entry) => Object.assign(entry, cleaned({ ...entry }, redact)))();
}

/** A short line with colors. Control characters are escaped, so that the text of a server cannot begin a line or move the cursor. */
function forPeople({ combine, colorize, printf }: Formats): winston.Logform.Format {
  return combine(
    colorize(),
    printf(({ timestamp, level, message, call, ...fields }) => {
      const time = String(timestamp).slice(11, 19);
      const details = call ? describeCall(call as CallRecord) : describeFields(fields);
      return `${time} ${level} ${escapeControls(`${String(message)} ${details}`.trimEnd())}`;
    }),
  );
}

function describeFields(fields: object): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

/** A call in one line: model, cost, duration, and the problems on the way. */
export function describeCall(call: CallRecord): string {
  const served =
    call.servedModel && call.servedModel !== call.model ? ` -> ${call.servedModel}` : "";
  const provider = call.provider ? ` (${call.provider})` : "";
  const failures = call.attempts
    .filter(({ error }) => error)
    .map(
      ({ model, status, error }) => `${model}: ${[error?.kind, status].filter(Boolean).join(" ")}`,
    );
  const { unknownCostAttempts = 0 } = call;
  return [
    `${call.role} ${call.model}${served}${provider} ${call.status}`,
    `${call.promptTokens}+${call.completionTokens} tokens`,
    `$${call.costUsd.toFixed(6)}`,
    ...(unknownCostAttempts > 0
      ? [`cost unknown of ${unknownCostAttempts} of ${call.attempts.length} requests`]
      : []),
    `${(call.durationMs / 1000).toFixed(2)} s`,
    ...(call.finishReason === "length" ? ["cut off by max_tokens"] : []),
    ...(call.fallbackUsed ? ["by fallback"] : []),
    ...(failures.length > 0 ? [`after ${failures.join(", ")}`] : []),
  ].join(", ");
}
