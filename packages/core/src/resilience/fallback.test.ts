import { describe, expect, test } from "vitest";
import { errorKinds, type ErrorKind } from "../errors/error-kinds.ts";
import { ModelError, type ErrorReason } from "../errors/model-error.ts";
import { fallback, isMendedElsewhere } from "./fallback.ts";

const failure = (kind: ErrorKind, reason?: ErrorReason) =>
  new ModelError(`a ${kind}`, { kind, reason });

const toModelError = (error: unknown) => error as ModelError;

const mendedElsewhere: Readonly<Record<ErrorKind, boolean>> = {
  connection_error: true,
  timeout_error: true,
  rate_limit_error: true,
  service_error: true,
  invalid_response_error: true,
  insufficient_credits_error: true,
  quota_error: true,
  invalid_request_error: false,
  authentication_error: false,
  permission_error: false,
  budget_error: false,
  aborted: false,
  unknown_error: false,
};

describe("isMendedElsewhere", () => {
  test.each(errorKinds)("knows of a %s", (kind) => {
    expect(isMendedElsewhere(failure(kind))).toBe(mendedElsewhere[kind]);
  });

  test("tells an unknown model from a request that every model would refuse", () => {
    expect(isMendedElsewhere(failure("invalid_request_error", "model_not_found"))).toBe(true);
    expect(isMendedElsewhere(failure("invalid_request_error", "context_length_exceeded"))).toBe(
      false,
    );
  });

  test("tells a slow attempt from a call whose whole time is up", () => {
    expect(isMendedElsewhere(failure("timeout_error", "silent"))).toBe(true);
    expect(isMendedElsewhere(failure("timeout_error", "call_timeout"))).toBe(false);
  });
});

describe("fallback", () => {
  test("asks only the first candidate where it succeeds", async () => {
    const asked: string[] = [];
    const answer = await fallback(
      ["a", "b"],
      async (candidate) => {
        asked.push(candidate);
        return `answer of ${candidate}`;
      },
      { toModelError },
    );
    expect([answer, asked]).toEqual(["answer of a", ["a"]]);
  });

  test("asks the candidates in their order until one succeeds, and tells of each change", async () => {
    const asked: string[] = [];
    const changes: unknown[] = [];
    const answer = await fallback(
      ["a", "b", "c", "d"],
      async (candidate) => {
        asked.push(candidate);
        if (candidate === "a") throw failure("timeout_error");
        if (candidate === "b") throw failure("quota_error");
        return candidate;
      },
      {
        toModelError,
        onFallback: (from, to, { kind }) => changes.push([from, to, kind]),
      },
    );
    expect([answer, asked]).toEqual(["c", ["a", "b", "c"]]);
    expect(changes).toEqual([
      ["a", "b", "timeout_error"],
      ["b", "c", "quota_error"],
    ]);
  });

  test("throws the last candidate's error, read with the candidate that it came from", async () => {
    const changes: string[] = [];
    const work = fallback(
      ["a", "b"],
      async () => {
        throw "raw";
      },
      {
        toModelError: (error, candidate) =>
          new ModelError(`${String(error)} of ${candidate}`, { kind: "service_error" }),
        onFallback: (from, to) => changes.push(`${from} to ${to}`),
      },
    );
    await expect(work).rejects.toThrow("raw of b");
    expect(changes).toEqual(["a to b"]);
  });

  test.each(errorKinds)("after a %s asks the next one only if that could mend it", async (kind) => {
    const asked: string[] = [];
    const error = failure(kind);
    const work = fallback(
      ["a", "b"],
      async (candidate) => {
        asked.push(candidate);
        if (candidate === "a") throw error;
        return candidate;
      },
      { toModelError },
    );
    const outcome = await work.catch((thrown: unknown) => thrown);
    expect(outcome).toBe(mendedElsewhere[kind] ? "b" : error);
    expect(asked).toEqual(mendedElsewhere[kind] ? ["a", "b"] : ["a"]);
  });

  test("passes over candidates that may not take over, and asks the next that may", async () => {
    const asked: string[] = [];
    const changes: string[] = [];
    const error = failure("permission_error");
    const answer = await fallback(
      ["a", "b", "c"],
      async (candidate) => {
        asked.push(candidate);
        if (candidate === "a") throw error;
        return candidate;
      },
      {
        toModelError,
        canTakeOver: async (failed, candidate) => failed === error && candidate === "c",
        onFallback: (from, to) => changes.push(`${from} to ${to}`),
      },
    );
    expect([answer, asked, changes]).toEqual(["c", ["a", "c"], ["a to c"]]);
  });

  test("throws the failure where no one may take over", async () => {
    const error = failure("service_error");
    const work = fallback(["a", "b"], () => Promise.reject(error), {
      toModelError,
      canTakeOver: () => false,
    });
    await expect(work).rejects.toBe(error);
  });

  test("leaves the caller's list as it is", async () => {
    const candidates: [string, ...string[]] = ["a", "b"];
    const work = fallback(candidates, () => Promise.reject(failure("service_error")), {
      toModelError,
    });
    await expect(work).rejects.toThrow("a service_error");
    expect(candidates).toEqual(["a", "b"]);
  });

  test("asks no one for a caller that has aborted", async () => {
    const reason = new Error("the user left");
    const asked: string[] = [];
    const work = fallback(["a"], async (candidate) => asked.push(candidate), {
      toModelError,
      signal: AbortSignal.abort(reason),
    });
    await expect(work).rejects.toBe(reason);
    expect(asked).toEqual([]);
  });

  test("ends with the caller's reason, and asks no one else, when the caller aborts", async () => {
    const caller = new AbortController();
    const reason = new Error("the user left");
    const asked: string[] = [];
    const work = fallback(
      ["a", "b"],
      async (candidate) => {
        asked.push(candidate);
        caller.abort(reason);
        throw failure("service_error");
      },
      { toModelError, signal: caller.signal, onFallback: () => asked.push("fallback") },
    );
    await expect(work).rejects.toBe(reason);
    expect(asked).toEqual(["a"]);
  });
});
