import type { Account } from "../account/account.ts";
import type { Model } from "../catalog/model.ts";
import type { WritableBooks } from "../books/books.ts";
import type { FaultDesk } from "../faults/fault-desk.ts";
import type { ResolvedSandboxOptions } from "../options.ts";
import type { Answer } from "../wire/generation.ts";
import type { ChatRequest, JsonObject } from "../wire/chat-request.ts";
import type { Refusal } from "../faults/refusal.ts";
import type { Ids } from "./ids.ts";
import type { RequestCounter } from "./request-counter.ts";

/** Answers a request that was not refused. */
export type Engine = (
  request: ChatRequest,
  body: JsonObject,
  model: Model,
) => Answer | Refusal | Promise<Answer | Refusal>;

/** Shared by all handlers. */
export interface ServerContext {
  readonly options: ResolvedSandboxOptions;
  readonly account: Account;
  readonly desk: FaultDesk;
  readonly books: WritableBooks;
  readonly ids: Ids;
  /** Counts the requests to dialects, some of which refuse the first one. */
  readonly counter: RequestCounter;
  readonly engine: Engine;
}
