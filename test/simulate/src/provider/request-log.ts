import type { SimulatedRoute } from "../scenario/route.ts";

/** What the provider knows of one request, and what it charges for it. */
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
  /** Place of the `fetch` among all that happened, to order what happened at one instant. */
  readonly sentOrder: number;
  arrivedAt?: number;
  /** What the provider made of it, for people. */
  fate: string;
  status?: number;
  /** When the response's headers, or the first chunk with the id, were sent. */
  idSentAt?: number;
  /** The text of the answer, as far as it was sent. */
  text: string;
  /** Whether the whole answer was sent, with its finish reason. */
  isComplete: boolean;
  usageSentAt?: number;
  /** When nothing more of the answer came, or could be received. */
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
