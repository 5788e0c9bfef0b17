import { checkInput } from "../../input/check-input.ts";
import { count as callCount, withMethods } from "../../input/schemas.ts";
import type { Clock } from "../../clock/index.ts";
import type { RateLimiterOptions } from "../../resilience/rate-limiter/create-rate-limiter.ts";
import type {
  AcquireOptions,
  RateLimiter,
  Slot,
} from "../../resilience/rate-limiter/rate-limiter.ts";

/** A clock that the suite advances. When `advance` resolves, all work that was due is done. */
export interface TestClock extends Clock {
  readonly advance: (durationMs: number) => Promise<void>;
}

/** A new limiter with its own clock. */
export interface LimiterUnderTest extends AsyncDisposable {
  readonly limiter: RateLimiter;
  readonly clock: TestClock;
}

export type MakeLimiter = (
  options: Omit<RateLimiterOptions, "clock"> & { readonly startAt: number },
) => Promise<LimiterUnderTest>;

/** A call of `acquire`, and its result so far. */
export interface Call {
  slot?: Slot;
  error?: unknown;
  /** The arguments of `onWait`. */
  readonly waits: number[];
  readonly ended: Promise<void>;
}

/** Acquires a slot, and records the result. */
export function call(limiter: RateLimiter, options: AcquireOptions = {}): Call {
  checkInput(withMethods("a rate limiter", "acquire"), limiter, "call()", "limiter");
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

/** This many identical calls. */
export function calls(count: number, limiter: RateLimiter, options?: AcquireOptions): Call[] {
  checkInput(callCount, count, "calls()", "count");
  return Array.from({ length: count }, () => call(limiter, options));
}
