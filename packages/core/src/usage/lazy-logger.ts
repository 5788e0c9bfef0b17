import {
  silentLogger,
  createLogger,
  type LineLevel,
  type Logger,
  type LoggerOptions,
} from "./logger.ts";

/**
 * A logger that is created with its first line. A line below the level does not count; a process that
 * writes none never loads winston.
 */
export function createLazyLogger(
  options: LoggerOptions,
  create: (options: LoggerOptions) => Logger = createLogger,
): Logger {
  const { level: threshold } = options;
  if (threshold === "silent") return silentLogger;
  let logger: Logger | undefined;
  const isLevelEnabled = (level: LineLevel) => severity[level] <= severity[threshold];
  const write = (level: LineLevel) => (message: string, fields?: object) => {
    if (!isLevelEnabled(level)) return;
    logger ??= create(options);
    logger[level](message, fields);
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    isLevelEnabled,
  };
}

const severity = { error: 0, warn: 1, info: 2, debug: 3 } as const satisfies Record<
  LineLevel,
  number
>;
