import type { BaseMessage } from "@langchain/core/messages";
import { ModelError } from "../errors/index.ts";
import {
  estimateCost,
  estimateTokens,
  type Budget,
  type Reservation,
} from "../resilience/budget/index.ts";
import type { Slot } from "../resilience/rate-limiter/index.ts";
import type { Sighting } from "../transport/index.ts";
import type { Usage } from "../usage/call-record.ts";
import type { Account } from "./account.ts";
import type { Candidate } from "./candidate.ts";

export interface AdmissionOptions {
  readonly account: Account;
  /** Absent where no budget is set, so that nothing has to be estimated. */
  readonly budget?: Budget | undefined;
  /** Whether a budget limits dollars, and prices have to be known. */
  readonly needsPrices: boolean;
  readonly countsTokens: boolean;
}

export interface AdmissionRequest {
  readonly candidate: Candidate;
  readonly callId: string;
  readonly runId: string;
  readonly priority: number;
  readonly messages: readonly BaseMessage[];
  /** Tools and schemas, which are paid for as part of the prompt. */
  readonly extras: unknown;
  readonly signal: AbortSignal;
  /** Called when the request has to wait for the account's limits, in milliseconds. */
  readonly onWait: (waitMs: number) => void;
}

/**
 * What every request passes before it is sent: first the budgets, which say no at once, then the
 * account's pace, which says when.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #runs = new Set<string>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * @throws {ModelError} `budget_error` where a budget has no room, `quota_error` where the day is
   * used up
   */
  async admit(request: AdmissionRequest): Promise<Pass> {
    const { account, countsTokens } = this.#options;
    const { candidate, priority, signal, onWait } = request;
    const estimate = this.#needsEstimate ? estimateOf(request) : { promptTokens: 0, tokens: 0 };
    const reservation = await this.#reserve(request, estimate);
    if (!candidate.isOfAccount) return new Pass(undefined, undefined, reservation);
    try {
      const tokens = countsTokens ? estimate.tokens : 0;
      const slot = await account.acquire({ tokens, priority, signal, onWait });
      return new Pass(account, slot, reservation);
    } catch (error) {
      await reservation?.release();
      throw error;
    }
  }

  /** No request of this call will come any more. */
  async close(callId: string): Promise<void> {
    await this.#options.budget?.close("call", callId);
  }

  /** Nobody says when a run has ended, so the one that has been quiet for longest is forgotten. */
  async #remember(runId: string): Promise<void> {
    this.#runs.delete(runId);
    this.#runs.add(runId);
    const [quietest] = this.#runs;
    if (this.#runs.size <= mostRuns || quietest === undefined) return;
    this.#runs.delete(quietest);
    await this.#options.budget?.close("run", quietest);
  }

  get #needsEstimate(): boolean {
    return this.#options.budget !== undefined || this.#options.countsTokens;
  }

  async #reserve(
    { candidate, callId, runId }: AdmissionRequest,
    { promptTokens, tokens }: Estimate,
  ): Promise<Reservation | undefined> {
    const { budget, needsPrices } = this.#options;
    if (!budget) return undefined;
    await this.#remember(runId);
    const usd = needsPrices ? await priceOf(candidate, promptTokens) : 0;
    return budget.reserve({ usd, tokens }, { callId, runId });
  }
}

const mostRuns = 10_000;

interface Estimate {
  readonly promptTokens: number;
  /** Prompt and answer. */
  readonly tokens: number;
}

function estimateOf({ messages, extras, candidate }: AdmissionRequest): Estimate {
  const prompt = [messages.map((message) => [message.type, message.content]), extras];
  const promptTokens = estimateTokens(prompt);
  return { promptTokens, tokens: promptTokens + candidate.maxTokens };
}

/** @throws {ModelError} `budget_error` for a model whose price no one knows: it could cost anything */
async function priceOf(candidate: Candidate, promptTokens: number): Promise<number> {
  const { promptUsd, completionUsd } = await candidate.abilities();
  const usd = estimateCost({
    promptTokens,
    maxTokens: candidate.maxTokens,
    promptUsd,
    completionUsd,
  });
  if (usd !== undefined) return usd;
  throw new ModelError(
    `The price of ${candidate.model} is not known, so that no budget in dollars can be kept with it; use a model of OpenRouter's catalog, or a budget in tokens`,
    { kind: "budget_error", model: candidate.model },
  );
}

/** Leave to send one request, until it has ended. */
export class Pass {
  readonly #account: Account | undefined;
  readonly #slot: Slot | undefined;
  readonly #reservation: Reservation | undefined;

  /** @param account - Absent for a request that does not count against it. */
  constructor(
    account: Account | undefined,
    slot: Slot | undefined,
    reservation: Reservation | undefined,
  ) {
    this.#account = account;
    this.#slot = slot;
    this.#reservation = reservation;
  }

  /** How long the account's limits kept the request, in milliseconds. */
  get waitedMs(): number {
    return this.#slot?.waitedMs ?? 0;
  }

  /** Ends the request: books what it cost, and learns from a refusal. */
  async end({ usage, status }: Sighting, error?: ModelError): Promise<void> {
    const tokens = usage ? usage.promptTokens + usage.completionTokens : undefined;
    // First what the refusal teaches: the slot that it frees must not go to the next in line before.
    try {
      if (error && this.#account) await this.#account.refused(error, this.#slot?.grantedAt);
    } finally {
      await this.#slot?.settle({ tokens, isAnswered: status !== undefined });
    }
    if (usage && tokens !== undefined) {
      await this.#reservation?.settle({ usd: usage.costUsd, tokens });
      return;
    }
    // A request that was refused, or never arrived, cost nothing. Of one that was cut off nobody
    // knows yet: what is reserved for it stays reserved until someone has asked.
    const isRefused = status === undefined ? error?.kind === "connection_error" : status >= 400;
    if (isRefused) await this.#reservation?.release();
  }

  /** Books what was found out later. */
  async settle({ costUsd, promptTokens, completionTokens }: Usage): Promise<void> {
    await this.#reservation?.settle({ usd: costUsd, tokens: promptTokens + completionTokens });
  }
}
