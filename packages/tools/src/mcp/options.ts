import { schemas, systemClock, type Clock } from "@orchestra/core/extend";
import { z } from "zod";
import type { McpEvent } from "./mcp-event.ts";
import type { McpPins } from "./pins/pins.ts";

export interface McpOptions {
  /**
   * Timeout of the start of a server with the list of its tools, in milliseconds.
   *
   * @defaultValue `30_000`; the first start of `npx` downloads the server, and may need more
   */
  readonly startTimeoutMs?: number | undefined;
  /**
   * Timeout of one call of a tool, in milliseconds. A role's `toolTimeoutMs` applies too.
   *
   * @defaultValue `60_000`
   */
  readonly callTimeoutMs?: number | undefined;
  /**
   * The tools' original descriptions and schemas, by hash: a file, which the first use
   * creates, or an earlier `servers.pins`. A tool that differs is refused before a model gets it.
   *
   * @defaultValue none; a server that restarts is still compared with its first start
   */
  readonly pins?: string | URL | McpPins | undefined;
  /** Replaces the pins by the current tools. @defaultValue `false` */
  readonly updatePins?: boolean | undefined;
  /** Receives the events of the servers. An error that it throws becomes a warning of the process. */
  readonly onEvent?: ((event: McpEvent) => void) | undefined;
  /** Maximum restarts of a server. After a minute without an end, the count is reset. @defaultValue `5` */
  readonly maxRestarts?: number | undefined;
  /** Upper bound of the wait before the first restart, in milliseconds; it doubles each time. @defaultValue `500` */
  readonly restartDelayMs?: number | undefined;
  /** The longest wait before a restart, in milliseconds. @defaultValue `30_000` */
  readonly maxRestartDelayMs?: number | undefined;
  /** Maximum size of one message of a server, in bytes. A server that sends a larger one is ended. @defaultValue `10_000_000` */
  readonly maxMessageBytes?: number | undefined;
  /** Maximum tools of one server; a server with more is not used. @defaultValue `128`, OpenAI's limit for one request */
  readonly maxTools?: number | undefined;
  /** Aborts the start; `openMcpServers` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The source of `${NAME}` in the config and of the safe variables of servers. @defaultValue `process.env` */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** @defaultValue `systemClock` */
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1), for the jitter of restarts. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/, "is not a hash: expected SHA-256 in hexadecimal");

/** The content of a file of pins. */
export const pinsSchema = z.record(
  z.string(),
  z.record(z.string(), z.strictObject({ description: hash, inputSchema: hash, annotations: hash })),
);

export const optionsSchema = z.strictObject({
  startTimeoutMs: schemas.durationMs.optional(),
  callTimeoutMs: schemas.durationMs.optional(),
  pins: z.union([schemas.path, z.instanceof(URL), pinsSchema]).optional(),
  updatePins: z.boolean().optional(),
  onEvent: schemas.callback.optional(),
  maxRestarts: schemas.wholeFrom(0).optional(),
  restartDelayMs: schemas.durationMs.optional(),
  maxRestartDelayMs: schemas.durationMs.optional(),
  maxMessageBytes: schemas.wholeFrom(1_000).optional(),
  maxTools: schemas.wholeFrom(1).optional(),
  signal: schemas.signal.optional(),
  environment: schemas.object.optional(),
  clock: schemas.clock.optional(),
  random: schemas.callback.optional(),
} satisfies Record<keyof McpOptions, z.ZodType>);

/** Every limit with its default. */
export interface ResolvedMcpOptions {
  readonly startTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly maxRestarts: number;
  readonly restartDelayMs: number;
  readonly maxRestartDelayMs: number;
  readonly maxMessageBytes: number;
  readonly maxTools: number;
  readonly onEvent: (event: McpEvent) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
}

export function resolveOptions(options: McpOptions): ResolvedMcpOptions {
  const { onEvent } = options;
  return {
    startTimeoutMs: options.startTimeoutMs ?? 30_000,
    callTimeoutMs: options.callTimeoutMs ?? 60_000,
    maxRestarts: options.maxRestarts ?? 5,
    restartDelayMs: options.restartDelayMs ?? 500,
    maxRestartDelayMs: options.maxRestartDelayMs ?? 30_000,
    maxMessageBytes: options.maxMessageBytes ?? 10_000_000,
    maxTools: options.maxTools ?? 128,
    onEvent: (event) => {
      try {
        if (onEvent) onEvent(event);
        else if (event.type === "tool-skip") process.emitWarning(event.message);
      } catch (error) {
        process.emitWarning(`onEvent of openMcpServers() failed: ${String(error)}`);
      }
    },
    environment: options.environment ?? process.env,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}
