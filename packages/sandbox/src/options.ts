import type { Fixture } from "@copilotkit/aimock";
import type { LimitOptions } from "./account/limits.ts";
import type { BookEntry } from "./books/entry.ts";
import type { ScriptedFault } from "./faults/fault.ts";

/** The speed of the model. */
export interface LatencyOptions {
  /** Until the first token. @defaultValue 0 */
  readonly firstTokenMs?: number;
  /** Between two chunks; a whole answer takes the sum of them. @defaultValue 0 */
  readonly betweenTokensMs?: number;
  /** Characters of a streamed chunk. @defaultValue 24 */
  readonly chunkCharacters?: number;
}

/** Options of a sandbox. */
export interface SandboxOptions {
  /** `0` selects a free port. @defaultValue 0 */
  readonly port?: number;
  /** @defaultValue `127.0.0.1` */
  readonly host?: string;
  /** Determines ids and faults with a probability; a run with the same seed repeats. @defaultValue 1 */
  readonly seed?: number;
  /** The account's limits. @defaultValue none */
  readonly limits?: LimitOptions;
  /** Faults ordered from the start. */
  readonly faults?: readonly ScriptedFault[];
  readonly latency?: LatencyOptions;
  /** Whether a request for a completion needs an `Authorization` header. @defaultValue true */
  readonly requireKey?: boolean;
  /** The keys of the account; others get a 401. @defaultValue any */
  readonly keys?: readonly string[];
  /** The account's balance, checked before each call as OpenRouter does. @defaultValue unlimited */
  readonly creditsUsd?: number;
  /**
   * Answers by aimock's fixtures, which have precedence over the extractive engine:
   * `[{ match: { userMessage: "hello" }, response: { content: "Hi." } }]`.
   */
  readonly fixtures?: readonly Fixture[];
  /** The time in milliseconds since the epoch, for limits and books. @defaultValue `Date.now` */
  readonly now?: () => number;
  /**
   * Whether the books contain the bodies of requests. Without them, a long run takes little memory.
   *
   * @defaultValue true
   */
  readonly keepBodies?: boolean;
  /** Maximum bytes of a request's body; a longer one gets a 413. @defaultValue 33554432 (32 MiB) */
  readonly maxBodyBytes?: number;
  /** Called when a request for a completion has ended. */
  readonly onRequest?: (entry: BookEntry) => void;
}

/** {@link SandboxOptions} with every default applied. */
export interface ResolvedSandboxOptions {
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly limits: LimitOptions;
  readonly faults: readonly ScriptedFault[];
  readonly latency: Required<LatencyOptions>;
  readonly requireKey: boolean;
  readonly keys: readonly string[] | undefined;
  readonly creditsUsd: number;
  readonly fixtures: readonly Fixture[];
  readonly now: () => number;
  readonly keepBodies: boolean;
  readonly maxBodyBytes: number;
  readonly onRequest: (entry: BookEntry) => void;
}

/** Applies the defaults. */
export function resolveSandboxOptions(options: SandboxOptions = {}): ResolvedSandboxOptions {
  const { latency = {} } = options;
  return {
    port: options.port ?? 0,
    host: options.host ?? "127.0.0.1",
    seed: options.seed ?? 1,
    limits: options.limits ?? {},
    faults: options.faults ?? [],
    latency: {
      firstTokenMs: latency.firstTokenMs ?? 0,
      betweenTokensMs: latency.betweenTokensMs ?? 0,
      chunkCharacters: latency.chunkCharacters ?? 24,
    },
    requireKey: options.requireKey ?? true,
    keys: options.keys,
    creditsUsd: options.creditsUsd ?? Infinity,
    fixtures: options.fixtures ?? [],
    now: options.now ?? Date.now,
    keepBodies: options.keepBodies ?? true,
    maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024,
    onRequest: options.onRequest ?? (() => {}),
  };
}
