import { expectTypeOf } from "vitest";
import {
  onRequestEnd,
  policies,
  type Account,
  type AgentChain,
  type AcquireOptions,
  type Answer,
  type Attempt,
  type CallContext,
  type CallServices,
  type Fallback,
  type FoundQuotation,
  type LedgerKey,
  type Orchestra,
  type OrchestraOptions,
  type Policy,
  type QuotationSource,
  type RateLimiter,
  type Refusal,
  type RetryFields,
  type RetryPolicy,
  type RoleConfig,
  type RoleModelFields,
  type RoleModelWithFallbacks,
  type RoleModelWithRetry,
  type Send,
  type SettingsOptions,
  type Slot,
  type Via,
  type ModelError,
} from "./index.ts";

// A policy takes `next` and the call, and returns the same kind of function.
const pinModel =
  (model: string): Policy =>
  (next, call) => {
    expectTypeOf(call).toEqualTypeOf<CallContext>();
    return (attempt) => {
      expectTypeOf(attempt).toEqualTypeOf<Attempt>();
      return next({ ...attempt, request: { ...attempt.request, model } });
    };
  };

const measure: Policy = (next, { services }) => {
  return (attempt) =>
    onRequestEnd(next(attempt), ({ metadata, error }) => {
      expectTypeOf(error).toEqualTypeOf<ModelError | undefined>();
      expectTypeOf(services).toEqualTypeOf<CallServices>();
      return { ...metadata, status: 200 };
    });
};

expectTypeOf(policies).toEqualTypeOf<readonly Policy[]>();
expectTypeOf<Parameters<Policy>[1]>().toEqualTypeOf<CallContext>();
expectTypeOf<ReturnType<Send>>().toEqualTypeOf<Promise<Answer>>();

const options: OrchestraOptions = {
  policies: (defaults) => [pinModel("a/b"), measure, ...defaults],
  settings: { budgetUsdPerRun: 0.5 },
  random: () => 0,
};
expectTypeOf(options.settings).toEqualTypeOf<SettingsOptions | undefined>();
expectTypeOf<OrchestraOptions["rateLimiter"]>().toEqualTypeOf<RateLimiter | undefined>();

export const wrong: OrchestraOptions = {
  // @ts-expect-error A policy is a function.
  policies: () => ["retry"],
  settings: {
    // @ts-expect-error An unknown setting is an error.
    budget: { run: { maxUsd: 1 } },
  },
};

// @ts-expect-error A policy returns a function that makes an attempt.
export const notAPolicy: Policy = () => "retry";

// The types that implementers need are exported.
expectTypeOf<RateLimiter["acquire"]>().parameter(0).toEqualTypeOf<AcquireOptions | undefined>();
expectTypeOf<RateLimiter["acquire"]>().returns.resolves.toEqualTypeOf<Slot>();
expectTypeOf<RateLimiter["backOff"]>().parameter(0).toEqualTypeOf<Refusal>();
expectTypeOf<Orchestra["account"]>().toEqualTypeOf<Account>();
expectTypeOf<CallServices["account"]>().toEqualTypeOf<Account>();
expectTypeOf<Attempt["route"]["via"]>().toEqualTypeOf<Via>();
expectTypeOf<Via>().toEqualTypeOf<"openrouter" | "portkey" | "direct">();
expectTypeOf<RoleModelFields["config"]>().toEqualTypeOf<RoleConfig>();
expectTypeOf<RetryFields>().toExtend<Partial<RetryPolicy>>();
expectTypeOf<Attempt["route"]>().toExtend<Fallback>();
expectTypeOf<Orchestra["ledger"]["by"]>().parameter(0).toEqualTypeOf<LedgerKey>();
expectTypeOf<QuotationSource["locate"]>().returns.toEqualTypeOf<
  FoundQuotation | undefined | Promise<FoundQuotation | undefined>
>();

// Types that users export from their own modules have a name.
declare const made: Orchestra;
expectTypeOf(made.agent({ name: "a", system: "" }).pipe((text) => text.length)).toEqualTypeOf<
  AgentChain<string, number>
>();
expectTypeOf(made.model.withRetry()).toExtend<RoleModelWithRetry>();
expectTypeOf(made.model.withFallbacks([made.model])).toExtend<RoleModelWithFallbacks>();
