import { describe, expect, test } from "vitest";
import { failure, fakeRoute } from "../call/__fixtures__/fake-call.ts";
import { canFallBackTo, type FallbackRules } from "./fallback-rules.ts";
import type { ModelInfo, Route } from "./route.ts";

const rules: FallbackRules = { allowsPaid: false, allowsRefused: false };

const route = (model: string, info: Partial<ModelInfo> = {}, fields: Partial<Route> = {}) => {
  const all = { structuredOutputMethod: "jsonSchema", isFree: false, ...info } as const;
  return fakeRoute(model, { cachedModelInfo: () => all, ...fields });
};

const paid = route("paid");
const free = route("free:free", { isFree: true });
const unavailable = failure("service_error");

describe("canFallBackTo", () => {
  test("follows a failure that another model may not have", () => {
    expect(canFallBackTo(unavailable, paid, route("other"), rules)).toBe("yes");
  });

  test.each([
    ["the request is at fault", failure("invalid_request_error")],
    ["the key is wrong", failure("authentication_error")],
    ["the caller has aborted", failure("aborted")],
    ["the call may make no further request", failure("service_error", { isFinal: true })],
  ])("does not follow where %s", (_, error) => {
    expect(canFallBackTo(error, paid, route("other"), rules)).toBe("no");
  });

  test("withholds a paid model from a free one, unless the user allows it", () => {
    expect(canFallBackTo(unavailable, free, paid, rules)).toBe("withheld");
    expect(canFallBackTo(unavailable, free, paid, { ...rules, allowsPaid: true })).toBe("yes");
    expect(canFallBackTo(unavailable, free, route("b:free", { isFree: true }), rules)).toBe("yes");
    expect(canFallBackTo(unavailable, paid, free, rules)).toBe("yes");
  });

  test("does not follow a used-up day with a free model of the same account", () => {
    const error = failure("quota_error", { reason: "daily_quota" });
    const other = route("b:free", { isFree: true });
    expect(canFallBackTo(error, free, other, rules)).toBe("no");
    const elsewhere = route("b", { isFree: true }, { via: "portkey" });
    expect(canFallBackTo(error, free, elsewhere, rules)).toBe("yes");
    expect(canFallBackTo(error, free, paid, { ...rules, allowsPaid: true })).toBe("yes");
  });

  test("asks another model about refused content only where the user allows it", () => {
    const error = failure("permission_error", { reason: "content_filter" });
    expect(canFallBackTo(error, paid, route("other"), rules)).toBe("no");
    expect(canFallBackTo(error, paid, route("other"), { ...rules, allowsRefused: true })).toBe(
      "yes",
    );
  });

  test.each([
    ["a larger context", 8000, 8001, "yes"],
    ["the same context", 8000, 8000, "no"],
    ["a smaller context", 8000, 7999, "no"],
    ["an unknown context", 8000, undefined, "yes"],
    ["any context, where its own is unknown", undefined, 1, "yes"],
  ] as const)("gives a prompt that is too long to a model with %s", (_, own, other, verdict) => {
    const error = failure("invalid_request_error", { reason: "context_length_exceeded" });
    const primary = route("a", { contextLength: own });
    expect(canFallBackTo(error, primary, route("b", { contextLength: other }), rules)).toBe(
      verdict,
    );
  });

  test("gives a prompt that is too long to no other route of the same model", () => {
    const error = failure("invalid_request_error", { reason: "context_length_exceeded" });
    expect(canFallBackTo(error, paid, route("paid"), rules)).toBe("no");
    expect(canFallBackTo(error, paid, route("paid", {}, { via: "portkey" }), rules)).toBe("yes");
  });
});
