import { isObject } from "../input/is-object.ts";
import type { Policy } from "./chain.ts";

const streamMethods = ["read", "leave", "onEnd", "map"];

/** The problem of a value that is not an attempt; `undefined` for an attempt. */
export function problemOf(attempt: unknown): string | undefined {
  if (!isObject(attempt)) return "no attempt";
  const { route, request, signal } = attempt;
  if (!isObject(route) || typeof route["sendCompletion"] !== "function" || !route["memory"]) {
    return "a route that does not belong to the call";
  }
  const messages = isObject(request) ? request["messages"] : undefined;
  if (!Array.isArray(messages) || !messages.every(isObject)) {
    return "a request without a list of messages";
  }
  return signal instanceof AbortSignal ? undefined : "no signal";
}

/** The problem of a value that is not an answer; `undefined` for an answer. */
export function problemOfAnswer(answer: unknown): string | undefined {
  // A proxy has no access to its private fields.
  const { types } = process.getBuiltinModule("node:util");
  const isProxy = types.isProxy(answer);
  if (isProxy && (Object.getPrototypeOf(answer) as { read?: unknown } | null)?.read)
    return "a Proxy of a stream, which cannot be read";
  if (!isObject(answer) || !isObject(answer["metadata"])) return kindOf(answer);
  const { kind, completion } = answer;
  if (kind !== "whole") {
    const missing = streamMethods.find((name) => typeof answer[name] !== "function");
    return missing && `an object that is not an answer: it has no method ${missing}()`;
  }
  const choices = isObject(completion) ? completion["choices"] : undefined;
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (isObject(first) && isObject(first["message"])) return undefined;
  const what = isObject(completion) ? "has no choice with a message" : `is ${String(completion)}`;
  return `an answer whose completion ${what}`;
}

/** The name of a policy in errors and warnings. */
export function nameOf({ name }: Policy): string {
  return name === "" ? "without a name" : name;
}

/** A value in words, for errors. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object that is not an answer";
  return typeof value === "function" ? "a function" : String(value);
}
