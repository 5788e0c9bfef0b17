import { describe, expect, test } from "vitest";
import { answer, now } from "./__fixtures__/api-error.ts";
import * as bodies from "./__fixtures__/error-bodies.ts";
import { toModelError } from "./index.ts";

describe("a wait that the server requests", () => {
  const wait = (headers: Record<string, string>, body: object = {}) =>
    toModelError(answer(429, body, headers), {}, now).retryAfterMs;

  test.each([
    ["seconds", { "Retry-After": "120" }, 120_000],
    ["fractions of a second", { "Retry-After": "0.5" }, 500],
    ["no wait", { "Retry-After": "0" }, 0],
    ["a date", { "Retry-After": new Date(now + 30_000).toUTCString() }, 30_000],
    ["a date in RFC 850's form", { "Retry-After": "Sunday, 22-Nov-26 23:00:09 GMT" }, 9000],
    ["a date that has passed", { "Retry-After": new Date(now - 30_000).toUTCString() }, undefined],
    ["milliseconds", { "retry-after-ms": "1500" }, 1500],
    ["seconds with a unit", { "Retry-After": "1s" }, 1000],
    ["milliseconds with a unit", { "Retry-After": "500ms" }, 500],
    ["a duration of Go's", { "Retry-After": "1m0.5s" }, 60_500],
    ["words", { "Retry-After": " 2 seconds " }, 2000],
    ["seconds in quotes", { "Retry-After": '"3"' }, 3000],
    ["a fraction", { "Retry-After": "1.5" }, 1500],
    ["a list of seconds", { "Retry-After": "1, 7, soon" }, 7000],
    ["a long list", { "Retry-After": Array.from({ length: 1e4 }, () => "1").join() }, 1000],
    ["an ISO date", { "Retry-After": new Date(now + 4000).toISOString() }, 4000],
    ["an ISO date that has passed", { "Retry-After": "2015-10-21T07:28:00Z" }, undefined],
    ["milliseconds with their unit", { "retry-after-ms": "300ms" }, 300],
    ["milliseconds in a list", { "retry-after-ms": "-1", "Retry-After": "2s" }, 2000],
    ["nonsense", { "Retry-After": "1x" }, undefined],
    ["a negative duration", { "Retry-After": "-1s" }, undefined],
    ["milliseconds before seconds", { "retry-after-ms": "1500", "Retry-After": "2" }, 1500],
    ["a reset in milliseconds since 1970", { "X-RateLimit-Reset": String(now + 800) }, 800],
    ["a reset in seconds since 1970", { "X-RateLimit-Reset": String(now / 1000 + 8) }, 8000],
    ["a reset in seconds from now", { "X-RateLimit-Reset": "12" }, 12_000],
    ["a reset that has passed", { "X-RateLimit-Reset": String(now - 1) }, undefined],
    ["Retry-After before a reset", { "Retry-After": "3", "X-RateLimit-Reset": "12" }, 3000],
    ["a negative number", { "Retry-After": "-5" }, undefined],
    ["words", { "Retry-After": "soon 2099" }, undefined],
    ["fractions of a millisecond", { "retry-after-ms": "1500.2" }, 1501],
    ["nothing", { "Retry-After": "" }, undefined],
    ["a hexadecimal number", { "Retry-After": "0x10" }, undefined],
    ["OpenAI's own notation", { "X-RateLimit-Reset": "6m0s" }, undefined],
    ["no header at all", {}, undefined],
  ])("%s", (_, headers, expected) => {
    expect(wait(headers)).toBe(expected);
  });

  test("is not the reset of a limit that is not used up, or not the reason", () => {
    const reset = { "X-RateLimit-Reset": "3600" };
    expect(wait({ ...reset, "X-RateLimit-Remaining": "0" })).toBe(3_600_000);
    expect(wait({ ...reset, "X-RateLimit-Remaining": "7" })).toBeUndefined();
    expect(toModelError(answer(502, {}, reset), {}, now).retryAfterMs).toBeUndefined();
    expect(toModelError(answer(502, {}, { "Retry-After": "5" }), {}, now).retryAfterMs).toBe(5000);
  });

  test("is read from the body where the headers are silent", () => {
    const hints = (metadata: object) => wait({}, { error: { code: 429, message: "", metadata } });
    expect(hints({ retry_after_seconds: 17 })).toBe(17_000);
    expect(hints({ retry_after_seconds: -17 })).toBeUndefined();
    expect(hints({ headers: { "retry-AFTER": 4 } })).toBe(4000);
    expect(hints({ headers: { "X-RateLimit-Reset": String(now + 5) } })).toBe(5);
    expect(hints({ headers: { "Retry-After": { toString: 1 } } })).toBeUndefined();
    expect(hints({ headers: "Retry-After: 4" })).toBeUndefined();
  });

  test("comes from the headers rather than from the body", () => {
    expect(wait({ "Retry-After": "120" }, bodies.inFlight)).toBe(120_000);
    expect(wait({ "Retry-After": "3" }, bodies.sharedPoolWithHints)).toBe(3000);
  });

  test("is found in headers of any make", () => {
    expect(toModelError({ status: 429, headers: { "Retry-After": "3" } }).retryAfterMs).toBe(3000);
    expect(toModelError({ status: 429, headers: { "retry-after": "3" } }).retryAfterMs).toBe(3000);
    expect(toModelError({ status: 429, headers: "retry-after: 3" }).retryAfterMs).toBeUndefined();
  });
});
