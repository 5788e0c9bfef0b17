import {
  silentLogger,
  createLogger,
  isLogged,
  type LineLevel,
  type Logger,
  type LoggerOptions,
} from "./logger.ts";

/**
 * A logger that is created after its first line. A line below the level does not count: a process that
 * writes none never loads winston.
 *
 * Loading winston takes longer than a call, so it does not delay the answer that a line is about: lines
 * wait for the next turn of the event loop, or for the end of the process. Once winston is loaded,
 * lines are written at once.
 */
export function createLazyLogger(
  options: LoggerOptions,
  create: (options: LoggerOptions) => Logger = createLogger,
): Logger {
  const { level: threshold } = options;
  if (threshold === "silent") return silentLogger;
  const waiting: Line[] = [];
  let logger: Logger | undefined;

  const flush = () => {
    process.off("exit", flush);
    logger ??= create(options);
    for (const { level, message, fields } of waiting.splice(0)) logger[level](message, fields);
  };

  const isLevelEnabled = (level: LineLevel) => isLogged(level, threshold);
  const write = (level: LineLevel) => (message: string, fields?: object) => {
    if (!isLevelEnabled(level)) return;
    if (logger) return logger[level](message, fields);
    if (waiting.push({ level, message, fields }) > 1) return;
    process.once("exit", flush);
    setImmediate(flush);
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    isLevelEnabled,
  };
}

interface Line {
  readonly level: LineLevel;
  readonly message: string;
  readonly fields: object | undefined;
}
