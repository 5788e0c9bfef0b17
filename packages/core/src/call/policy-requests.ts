import type { Answer, WholeAnswer } from "../completions/index.ts";
import { ArgumentError } from "../errors/argument-error.ts";
import { ModelError, toModelError } from "../errors/index.ts";
import type { Route } from "../routes/index.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";
import type { Attempt } from "./attempt.ts";
import type { CallContext } from "./call-context.ts";
import { responses, type Policy, type Send } from "./chain.ts";
import { isUnbilled } from "./is-unbilled.ts";
import { joinCosts } from "./join-costs.ts";
import { nameOf, problemOf } from "./policy-problems.ts";
import { price } from "./price.ts";

/** One request that a policy has made. */
interface PolicyRequest {
  readonly route: Route;
  readonly ended: Promise<void>;
  isEnded: boolean;
  /** Absent while it is in progress, and if none was sent. */
  metadata?: ResponseMetadata | undefined;
  error?: ModelError | undefined;
  answer?: Answer;
}

/**
 * The requests of a policy for one attempt that it got. Only they have a cost: a policy may also answer from
 * memory, throw an error of another attempt, or return one answer of several.
 */
export class PolicyRequests<T extends Answer> {
  readonly #policy: Policy;
  readonly #call: CallContext;
  readonly #next: Send<T>;
  readonly #requests: PolicyRequest[] = [];
  readonly underWay = new Set<Promise<unknown>>();
  /** Rejects if the policy has its answer but does not return. */
  readonly #overdue = Promise.withResolvers<never>();
  #cancel: (() => void) | undefined;

  constructor(policy: Policy, call: CallContext, next: Send<T>) {
    this.#policy = policy;
    this.#call = call;
    this.#next = next;
    this.#overdue.promise.catch(() => undefined);
  }

  send(attempt: Attempt): Promise<T> {
    const problem = problemOf(attempt);
    if (problem) {
      return Promise.reject(
        new ArgumentError(
          `The policy ${nameOf(this.#policy)} called next with ${problem}: expected the attempt that it got, or a copy such as { ...attempt, route }`,
        ),
      );
    }
    this.settle();
    // An unread stream stops the time of its attempt, even if the policy has abandoned it.
    attempt.progress?.resume();
    const sent = this.#next(attempt);
    this.underWay.add(sent);
    void this.#follow(sent, attempt);
    return sent;
  }

  async #follow(sent: Promise<T>, { route }: Attempt): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const request: PolicyRequest = { route, ended, isEnded: false };
    this.#requests.push(request);
    const end = ({ metadata, error }: Pick<PolicyRequest, "metadata" | "error">) => {
      Object.assign(request, { isEnded: true, metadata, error });
      resolve();
    };
    try {
      const answer = await sent;
      request.answer = answer;
      this.underWay.delete(sent);
      if (answer.kind === "stream") answer.onEnd(end);
      else end({ metadata: answer.metadata });
      if (this.underWay.size === 0) this.#limit();
    } catch (thrown) {
      // The policy has received the failure.
      this.underWay.delete(sent);
      const error = toModelError(thrown);
      end({ metadata: error.response ?? responses.get(Object(thrown) as object), error });
    }
  }

  /** @throws {ModelError} if the policy has had an answer for too long */
  until(sent: Promise<T>): Promise<T> {
    return Promise.race([sent, this.#overdue.promise]);
  }

  /** The policy has returned, or sends again. */
  settle(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Ends the requests whose answers the policy does not return. */
  async leave(): Promise<void> {
    for (const { answer } of this.#requests) if (answer?.kind === "stream") await answer.leave();
  }

  /** The answer that the policy returns, with the cost of its requests. */
  book(answer: T): T {
    const sent = this.#sent();
    const isStream = answer.kind === "stream";
    // It is the answer of the request, or a changed copy.
    if (sent.length === 1 && (isStream || sent[0]?.isEnded)) return answer;
    if (isStream) {
      answer.onEnd(({ metadata }) => this.#join(metadata));
      return answer;
    }
    const { kind, completion, metadata } = answer;
    // A stored answer: the cost of its request is already recorded.
    const own =
      sent.length > 0 ? metadata : { ...metadata, status: undefined, generationId: undefined };
    return { kind, completion, metadata: this.#join(own) } satisfies WholeAnswer as T;
  }

  /** The error that the policy throws, with the metadata of its requests, which have a cost. */
  lose(thrown: unknown, signal: AbortSignal): unknown {
    const metadata = this.#shown();
    if (ModelError.isInstance(thrown)) {
      return thrown.response === metadata ? thrown : thrown.withResponse(metadata);
    }
    if (metadata && signal.aborted) {
      // Other calls may fail with the same reason.
      const details = { kind: "aborted" } as const;
      const error = new ModelError("The request was aborted", details, { cause: thrown });
      return error.withResponse(metadata);
    }
    if (metadata) responses.set(thrown as object, metadata);
    else responses.delete(thrown as object);
    return thrown;
  }

  #shown(): ResponseMetadata | undefined {
    const sent = this.#sent();
    const last = sent.findLast(({ metadata }) => metadata)?.metadata;
    if (sent.length === 0 || (sent.length === 1 && last)) return last;
    return this.#join(last ?? {});
  }

  /** Requests that the server may have received. */
  #sent(): readonly PolicyRequest[] {
    return this.#requests.filter(({ isEnded, metadata }) => !isEnded || metadata);
  }

  #join(own: ResponseMetadata): ResponseMetadata {
    const { reconciler } = this.#call.services;
    const costOf = ({ route, metadata, error }: PolicyRequest) => {
      if (!metadata || (!metadata.usage && isUnbilled(metadata.status, error))) return undefined;
      return metadata.costSource ? metadata : price({ metadata, error }, route, reconciler);
    };
    return joinCosts(
      own,
      this.#sent().map((each) =>
        each.isEnded ? costOf(each) : each.ended.then(() => costOf(each)),
      ),
    );
  }

  #limit(): void {
    const { clock, toolLimits } = this.#call.services;
    const { timeoutMs } = toolLimits;
    this.#cancel = clock.after(timeoutMs, () => {
      void this.leave();
      this.#overdue.reject(
        new ModelError(
          `The policy ${nameOf(this.#policy)} did not return within ${timeoutMs / 1000} s after it had its answer (LLM_TOOL_TIMEOUT)`,
          { kind: "unknown_error", isFinal: true },
        ),
      );
    });
  }
}
