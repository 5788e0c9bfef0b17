import type { History } from "../history.ts";
import type { Random } from "../random.ts";
import type { SimulatedRoute } from "../scenario/route.ts";
import type { World } from "../scenario/world.ts";
import type { ClockView } from "../virtual-clock.ts";
import type { AccountBooks } from "./account.ts";
import { responseOf, TimedBody } from "./body.ts";
import { noBill, type ProviderRequest } from "./request-log.ts";

export interface AccountApiOptions {
  readonly world: World;
  readonly clock: ClockView;
  readonly random: Random;
  readonly history: History;
  readonly routes: readonly SimulatedRoute[];
  readonly requests: readonly ProviderRequest[];
  readonly openBodies: Set<TimedBody>;
  readonly account: AccountBooks;
}

/** `GET /key`, `/models` and `/generation`. */
export class AccountApi {
  readonly #options: AccountApiOptions;
  /** When the catalog was given to the client, in milliseconds since the epoch. */
  catalogServedAt = Infinity;

  constructor(options: AccountApiOptions) {
    this.#options = options;
  }

  get(url: string, signal: AbortSignal): Promise<Response> {
    const { clock, random, world, openBodies } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const isFault = random.chance(world.apiFaultRate);
    const isSilent = isFault && random.chance(0.3);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const id = /generation\?id=gen-(\d+)/.exec(url)?.[1];
    const request = id === undefined ? undefined : this.#options.requests[Number(id) - 1];
    if (request) request.generationAsks += 1;
    clock.after(random.between(20, 300), () => {
      if (signal.aborted || isSilent) return;
      signal.removeEventListener("abort", abort);
      const answer = isFault ? undefined : this.#read(url, request);
      const body = new TimedBody(openBodies, () => undefined);
      resolve(responseOf(answer ? 200 : isFault ? 503 : 404, {}, body));
      body.push(JSON.stringify(answer ?? { error: { code: 404, message: "not found" } }));
      body.end();
    });
    return promise;
  }

  #read(url: string, request: ProviderRequest | undefined): object | undefined {
    const { clock, world, account, routes } = this.#options;
    if (url.endsWith("/key")) {
      const used = account.freeUsed(clock.now());
      const limit = world.account.freePerDay;
      return {
        data: { is_free_tier: limit === 50, free_model_daily_requests: { used, limit } },
      };
    }
    if (url.endsWith("/models")) {
      if (world.hasCatalog) this.catalogServedAt = Math.min(this.catalogServedAt, clock.now());
      return world.hasCatalog ? { data: catalog(routes) } : undefined;
    }
    return request && this.#generation(request);
  }

  #generation(request: ProviderRequest): object | undefined {
    const { clock, history } = this.#options;
    const { bookedAt = Infinity, bill = noBill, generationId: id } = request;
    if (bookedAt > clock.now()) return undefined;
    request.generationServedAt ??= clock.now();
    history.write(() => `request ${request.number}: its cost is requested and returned`);
    return {
      data: {
        id,
        native_tokens_prompt: bill.promptTokens,
        native_tokens_completion: bill.completionTokens,
        total_cost: bill.costUsd,
      },
    };
  }
}

function catalog(routes: readonly SimulatedRoute[]): object[] {
  return routes
    .filter(({ catalogId }) => catalogId !== undefined)
    .map(({ catalogId, promptUsd, completionUsd }) => ({
      id: catalogId,
      context_length: 128_000,
      pricing: { prompt: String(promptUsd), completion: String(completionUsd) },
    }));
}
