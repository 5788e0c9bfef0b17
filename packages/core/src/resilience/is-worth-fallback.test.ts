import { expect, test } from "vitest";
import { errorKinds, type ErrorKind } from "../errors/error-kinds.ts";
import { ModelError, type ErrorReason } from "../errors/model-error.ts";
import { isWorthFallback } from "./index.ts";

const isWorth = (kind: ErrorKind, reason?: ErrorReason) =>
  isWorthFallback(new ModelError(`a ${kind}`, { kind, reason }));

test("another model may succeed where this one or its provider failed, not where the request or the caller is at fault", () => {
  expect(errorKinds.filter((kind) => isWorth(kind)).toSorted()).toEqual([
    "connection_error",
    "insufficient_credits_error",
    "invalid_response_error",
    "quota_error",
    "rate_limit_error",
    "service_error",
    "timeout_error",
  ]);
});

test("an unknown model is worth a fallback, a request that every model refuses is not", () => {
  expect(isWorth("invalid_request_error", "model_not_found")).toBe(true);
  expect(isWorth("invalid_request_error", "context_length_exceeded")).toBe(false);
});

test("a slow attempt is worth a fallback, a call whose time is over is not", () => {
  expect(isWorth("timeout_error", "no_response")).toBe(true);
  expect(isWorth("timeout_error", "call_timeout")).toBe(false);
});
