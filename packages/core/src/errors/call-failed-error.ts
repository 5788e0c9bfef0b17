import { ContextOverflowError, stampRetryable } from "@langchain/core/errors";
import type { AttemptRecord } from "../usage/call-record.ts";
import { firstAndLast, shortened } from "./bounded.ts";
import { defaultRetryableKinds, type ErrorKind } from "./error-kinds.ts";
import { inspectCustom } from "./inspect-custom.ts";
import { langChainCode } from "./langchain-code.ts";
import type { ErrorReason, ModelError } from "./model-error.ts";
import { OrchestraError } from "./orchestra-error.ts";
import { shorten } from "./shorten.ts";
import { startAtCaller } from "./start-at-caller.ts";

export interface CallFailedErrorOptions {
  /** What the program or its operator can change. It may name settings. */
  readonly advice?: string | undefined;
  /** Ids similar to that of a model that does not exist. */
  readonly nearestModels?: readonly string[] | undefined;
}

/** A model call whose retries and fallbacks are used up. Its message lists the attempts; if they are many, the first and the last. */
export class CallFailedError extends OrchestraError {
  override readonly name = "CallFailedError";
  /** Kind of the last attempt's error. */
  readonly code: ErrorKind;
  /** Role of the call. */
  readonly role: string;
  // Node.js prints the fields of an uncaught error, but the message already contains them.
  readonly #attempts: readonly AttemptRecord[];
  readonly #errors: readonly ModelError[];
  readonly #summary: string;
  readonly #nearestModels: readonly string[];
  /** The wait time from the server, if waiting helps. */
  readonly retryAfterMs: number | undefined;
  /** HTTP status of the last attempt, if there was a response. */
  readonly status: number | undefined;
  /** LangChain's code for the failure, if it has one, such as `MODEL_RATE_LIMIT`. */
  readonly lc_error_code?: string;

  constructor(
    role: string,
    attempts: readonly AttemptRecord[],
    errors: readonly ModelError[],
    { advice, nearestModels = [] }: CallFailedErrorOptions = {},
  ) {
    const last = errors.at(-1);
    const isOfAttempt = attempts.some(({ error }) => error?.message === last?.message);
    const ending = last && !isOfAttempt ? `: ${last.message}` : "";
    const title = `Model call failed (role: ${role})${ending}`;
    const summary = [title, describeAttempts(attempts)].filter(Boolean).join("\n");
    const nearest = nearestModels.length > 0 && `Nearest: ${nearestModels.join(", ")}.`;
    const whatToDo = [advice, nearest].filter(Boolean).join(" ");
    const isTooLong = last?.details.reason === "context_length_exceeded";
    super([summary, whatToDo].filter(Boolean).join("\n"), {
      cause: last && isTooLong ? ContextOverflowError.fromError(last) : last,
    });
    this.code = last?.kind ?? "unknown_error";
    this.role = role;
    this.#attempts = attempts;
    this.#errors = errors;
    this.#summary = summary;
    this.#nearestModels = nearestModels;
    this.retryAfterMs = last?.retryAfterMs;
    this.status = last?.status;
    const code = last && langChainCode(last);
    if (code !== undefined) this.lc_error_code = code;
    if (last) stampRetryable(this, isRetryable(last));
    startAtCaller(this);
    shorten(this, shortStack(this));
    for (const error of errors) printShort(error);
    if (isTooLong) printAsKind(this.cause as Error, this.code);
  }

  /** The JSON of the error: the fields to act on, without its attempts. */
  toJSON(): object {
    const { name, message, code, role, retryAfterMs, status, lc_error_code } = this;
    return { name, message, code, role, retryAfterMs, status, lc_error_code };
  }

  get attempts(): readonly AttemptRecord[] {
    return this.#attempts;
  }

  /** The attempts' errors in their order, and the error that ended the call if it was none of theirs. */
  get errors(): readonly ModelError[] {
    return this.#errors;
  }

  /** The message without its last line, which says what to do and may name settings of the program. */
  get summary(): string {
    return this.#summary;
  }

  /** Ids similar to that of a model that does not exist. */
  get nearestModels(): readonly string[] {
    return this.#nearestModels;
  }

  /** Reason of the last attempt's error inside its kind, if it has one. */
  get reason(): ErrorReason | undefined {
    return this.errors.at(-1)?.reason;
  }

  /** The answer so far, if it was cut off by `max_tokens`. Logs do not contain it. */
  get partialText(): string | undefined {
    return this.errors.at(-1)?.partialText;
  }

  /**
   * The output of `console.error`: the message, the caller's own frames, and the fields to act on. The errors of
   * all attempts, with their causes, are in `errors`. Node.js does not use this method when it prints an
   * uncaught error.
   */
  [inspectCustom](): string {
    const known = { code: this.code, status: this.status, retryAfterMs: this.retryAfterMs };
    const facts = Object.entries(known).filter(([, value]) => value !== undefined);
    const shown = facts.map(([name, value]) => `${name}: ${value}`).join(", ");
    return [`${this.name}: ${this.message}`, ...callerFrames(this.stack), `  ${shown}`].join("\n");
  }

  static override isInstance(error: unknown): error is CallFailedError {
    return OrchestraError.isNamed(error, "CallFailedError");
  }
}

const maxFrames = 3;

/** Lines of a stack that are not of a package or of Node.js. */
function callerFrames(stack = ""): readonly string[] {
  const frames = stack.split("\n").filter((line) => /^ +at .*(file:|[/\\])/.test(line));
  return frames.filter((line) => !/node_modules|node:/.test(line)).slice(0, maxFrames);
}

/** Removes the frames that are not of the caller. */
function shortStack(error: Error): string {
  return [`${error.name}: ${error.message}`, ...callerFrames(error.stack)].join("\n");
}

/** The causes of our own errors: a server's answer, or a connection error of Node.js. */
const maxCauses = 3;

/**
 * Makes Node.js print the message of an uncaught error once, and little else: it prints stacks, causes and
 * every enumerable field, and does not use the error's own method. All fields can still be read.
 */
function printShort(error: ModelError): void {
  printAsKind(error, error.kind);
  let cause = error.cause;
  // The message and position of an error of the program's own code.
  if (error.kind === "unknown_error") return;
  for (
    let depth = 0;
    depth < maxCauses && typeof cause === "object" && cause !== null;
    depth += 1
  ) {
    shorten(cause, cause instanceof Error ? shortStack(cause) : undefined);
    cause = (cause as { readonly cause?: unknown }).cause;
  }
}

/** The message of the call contains the message of this error: a stack that repeats it would be printed too. */
function printAsKind(error: Error, kind: ErrorKind): void {
  // `console.log` of only this error still prints the message.
  const print = () => `${error.name}: ${error.message}`;
  try {
    Object.defineProperty(error, inspectCustom, { value: print, configurable: true });
  } catch {
    // See `shorten()`.
  }
  shorten(error, [`${error.name} [${kind}]`, ...callerFrames(error.stack)].join("\n"));
}

/** Whether the same call may succeed later. LangChain's middleware reads this field. */
function isRetryable({ kind }: ModelError): boolean {
  return (defaultRetryableKinds as readonly ErrorKind[]).includes(kind);
}

function describeAttempts(attempts: readonly AttemptRecord[]): string {
  return firstAndLast(attempts.map(describeAttempt))
    .map((line) => `  ${line}`)
    .join("\n");
}

/** `4 ms`, `1.50 s`. */
function formatWait(ms: number): string {
  return ms < 100 ? `${Math.ceil(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Maximum characters of each attempt's message; `errors` has the whole message. */
const maxMessage = 1000;

function describeAttempt(attempt: AttemptRecord): string {
  const route = `${attempt.model} via ${attempt.via}${attempt.provider ? ` (${attempt.provider})` : ""}`;
  const outcome = [attempt.error?.kind, attempt.status].filter(Boolean).join(" ");
  const wait = attempt.waitedMs > 0 ? `, after a wait of ${formatWait(attempt.waitedMs)}` : "";
  const result = attempt.error?.message ?? "the model answered";
  return `${attempt.number}. ${route}: ${outcome}${wait}: ${shortened(result, maxMessage)}`;
}
