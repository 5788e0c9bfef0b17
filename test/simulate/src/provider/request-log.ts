import type { SimulatedRoute } from "../scenario/route.ts";

/** The provider's record of one request, with its charge. */
export interface ProviderRequest {
  /** 1 for the first request of the simulation. */
  readonly number: number;
  readonly generationId: string;
  readonly prompt: string;
  readonly route: SimulatedRoute;
  readonly isStream: boolean;
  readonly maxTokens: number;
  /** When `fetch` was called. All instants are milliseconds since the epoch. */
  readonly sentAt: number;
  /** Number of the `fetch` in the order of all events, because several can have the same time. */
  readonly sentOrder: number;
  arrivedAt?: number;
  /** The result of the request, as text. */
  fate: string;
  status?: number;
  /** When the response's headers, or the first chunk with the id, were sent. */
  idSentAt?: number;
  /** The text of the answer, as far as it was sent. */
  text: string;
  /** Whether the whole answer was sent, with its finish reason. */
  isComplete: boolean;
  usageSentAt?: number;
  /** When the answer ended, or its connection. */
  endedAt?: number;
  /** Whether the client ended it. */
  isCutByClient: boolean;
  /** Whether a model answers it, from its arrival on. */
  isWorkedOn?: boolean;
  /** Whether it holds credit of the account, from its admission to its end. */
  holdsCredit?: boolean;
  /** A refusal of the account that names how long to wait: until when. */
  refusedUntil?: number;
  /** What the provider charges, once it is known. */
  bill?: Bill;
  /** When `GET /generation` begins to know it. */
  bookedAt?: number;
  generationAsks: number;
  /** When `GET /generation` first answered with the bill. */
  generationServedAt?: number;
}

export interface Bill {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}

export const noBill: Bill = { promptTokens: 0, completionTokens: 0, costUsd: 0 };

export function billFor(
  { promptUsd, completionUsd }: SimulatedRoute,
  promptTokens: number,
  completionTokens: number,
): Bill {
  const costUsd = promptTokens * promptUsd + completionTokens * completionUsd;
  return { promptTokens, completionTokens, costUsd: Math.round(costUsd * 1e12) / 1e12 };
}

/** Tokens of a prompt as the simulated provider counts them: fewer than Orchestra's estimate. */
export const promptTokens = 12;
