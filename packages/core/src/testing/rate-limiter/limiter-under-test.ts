import type { Clock } from "../../clock/index.ts";
import type { RateLimiterOptions } from "../../resilience/rate-limiter/create-rate-limiter.ts";
import type {
  AcquireOptions,
  RateLimiter,
  Slot,
} from "../../resilience/rate-limiter/rate-limiter.ts";

/** Time that the suite moves. When `advance` resolves, all that was due has been done. */
export interface TestClock extends Clock {
  readonly advance: (durationMs: number) => Promise<void>;
}

/** A limiter that nobody else uses, on a clock of its own. */
export interface LimiterUnderTest extends AsyncDisposable {
  readonly limiter: RateLimiter;
  readonly clock: TestClock;
}

export type MakeLimiter = (
  options: Omit<RateLimiterOptions, "clock"> & { readonly startAt: number },
) => Promise<LimiterUnderTest>;

/** What has become of one call so far. */
export interface Call {
  slot?: Slot;
  error?: unknown;
  /** What it was told of its wait. */
  readonly waits: number[];
  readonly ended: Promise<void>;
}

/** Asks for a slot, and notes what comes of it. */
export function call(limiter: RateLimiter, options: AcquireOptions = {}): Call {
  const waits: number[] = [];
  const ended = limiter.acquire({ onWait: (waitMs) => waits.push(waitMs), ...options }).then(
    (slot) => {
      result.slot = slot;
      return undefined;
    },
    (error: unknown) => {
      result.error = error;
    },
  );
  const result: Call = { waits, ended };
  return result;
}

/** So many calls alike. */
export function calls(count: number, limiter: RateLimiter, options?: AcquireOptions): Call[] {
  return Array.from({ length: count }, () => call(limiter, options));
}
