import type { History } from "../history.ts";
import type { Random } from "../random.ts";
import type { SimulatedRoute } from "../scenario/route.ts";
import { gatewayUrl, type World } from "../scenario/world.ts";
import type { ClockView } from "../virtual-clock.ts";
import { AccountBooks } from "./account.ts";
import { AccountApi } from "./account-api.ts";
import { sendStream, sendWhole } from "./answer.ts";
import { connectionError, responseOf, TimedBody } from "./body.ts";
import { drawFate, type Fate } from "./fate.ts";
import { downRefusal, poolRefusal, type Refusal } from "./refusals.ts";
import { billFor, noBill, promptTokens, type Bill, type ProviderRequest } from "./request-log.ts";

/** Bugs of the simulated provider itself, to test that the checks find them. */
export type ProviderSabotage = "doubles-an-answer" | "books-a-token-more";

export interface ProviderOptions {
  readonly world: World;
  readonly clock: ClockView;
  readonly random: Random;
  readonly history: History;
  readonly sabotage?: ProviderSabotage | undefined;
}

interface Sent {
  readonly url: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

interface Reply {
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/** OpenRouter, a gateway and the models behind them, as one `fetch`. */
export class Provider {
  readonly requests: ProviderRequest[] = [];
  readonly openBodies = new Set<TimedBody>();
  readonly #options: ProviderOptions;
  readonly #routes: readonly SimulatedRoute[];
  readonly #account: AccountBooks;
  readonly #api: AccountApi;

  constructor(options: ProviderOptions) {
    const { world, random } = options;
    this.#options = options;
    this.#routes = [...new Set(Object.values(world.primaries)), ...world.fallbacks];
    this.#account = new AccountBooks(world.account, world.startAt, random.fork());
    this.#api = new AccountApi({
      ...options,
      random: random.fork(),
      routes: this.#routes,
      requests: this.requests,
      openBodies: this.openBodies,
      account: this.#account,
    });
  }

  /** Since when the client knows the prices of the catalog, in milliseconds since the epoch. */
  get catalogServedAt(): number {
    return this.#api.catalogServedAt;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = typeof input === "string" ? input : new Request(input).url;
    const signal = init?.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    if (init?.method !== "POST") return this.#api.get(url, signal);
    return this.#post({ url, body: init.body as string, signal });
  };

  #post({ url, body, signal }: Sent): Promise<Response> {
    const { clock, random, world } = this.#options;
    const request = this.#open(url, body);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const abort = () => {
      this.#endByClient(request);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    const reply: Reply = {
      resolve: (response) => {
        signal.removeEventListener("abort", abort);
        resolve(response);
      },
      reject,
    };
    clock.after(random.between(0, world.maxConnectMs), () => {
      if (!signal.aborted) this.#arrive(request, signal, reply);
    });
    return promise;
  }

  #open(url: string, body: string): ProviderRequest {
    const { clock, history } = this.#options;
    const { model, messages, stream, max_tokens } = JSON.parse(body) as {
      readonly model: string;
      readonly messages: unknown;
      readonly stream?: boolean;
      readonly max_tokens: number;
    };
    const via = url.startsWith(gatewayUrl) ? "portkey" : "openrouter";
    const route = this.#routes.find((known) => known.model === model && known.via === via);
    if (!route) throw new Error(`The simulated provider has no model ${model} via ${via}`);
    const number = this.requests.length + 1;
    const request: ProviderRequest = {
      number,
      generationId: `gen-${number}`,
      prompt: /prompt-\d+/.exec(JSON.stringify(messages))?.[0] ?? "",
      route,
      isStream: stream === true,
      maxTokens: max_tokens,
      sentAt: clock.now(),
      sentOrder: history.nextOrder(),
      fate: "on its way",
      text: "",
      isComplete: false,
      isCutByClient: false,
      generationAsks: 0,
    };
    this.requests.push(request);
    history.write(
      () =>
        `request ${number} sent: ${request.prompt} to ${model} via ${via}, at most ${max_tokens} tokens`,
    );
    return request;
  }

  #arrive(request: ProviderRequest, signal: AbortSignal, reply: Reply): void {
    const { clock, random, history } = this.#options;
    const { route, number } = request;
    request.arrivedAt = clock.now();
    const refusal = route.isOfAccount ? this.#account.admit(request, clock.now()) : undefined;
    const fate = drawFate(random, route, clock.now());
    request.fate = refusal?.name ?? fate;
    history.write(() => `request ${number} arrived: ${request.fate}`);
    if (refusal) return this.#refuse(request, refusal, signal, reply);
    switch (fate) {
      case "connection":
        clock.after(random.between(0, 200), () => this.#disconnect(request, reply));
        return;
      case "silence":
        return;
      case "503":
        return this.#refuse(request, downRefusal(), signal, reply);
      case "pool":
        return this.#refuse(request, poolRefusal(), signal, reply);
      default:
        return this.#answer(request, fate, signal, reply);
    }
  }

  #disconnect(request: ProviderRequest, { reject }: Reply): void {
    this.#end(request);
    reject(connectionError("ECONNRESET"));
  }

  #refuse(
    request: ProviderRequest,
    { status, headers, body: json, until }: Refusal,
    signal: AbortSignal,
    { resolve }: Reply,
  ): void {
    const { clock, random } = this.#options;
    clock.after(random.between(5, 200), () => {
      if (signal.aborted) return;
      request.status = status;
      if (until !== undefined) request.refusedUntil = until;
      this.#bill(request, noBill, 0);
      const body = this.#body(request, signal);
      resolve(responseOf(status, headers, body));
      body.push(JSON.stringify(json));
      body.end();
      this.#end(request);
    });
  }

  #answer(request: ProviderRequest, fate: Fate, signal: AbortSignal, { resolve }: Reply): void {
    const { clock, random } = this.#options;
    const { route } = request;
    request.isWorkedOn = true;
    request.holdsCredit = route.isOfAccount && !route.isFree;
    if (request.holdsCredit) this.#account.inFlight += 1;
    const pieces = this.#piecesFor(request);
    const overrun = random.chance(this.#options.world.overrunRate)
      ? random.whole(1, request.maxTokens)
      : 0;
    clock.after(route.latency(random), () => {
      if (signal.aborted) return;
      request.status = 200;
      const hasIdHeader = route.via === "openrouter" && random.chance(0.8);
      if (hasIdHeader) request.idSentAt = clock.now();
      const body = this.#body(request, signal);
      resolve(
        responseOf(200, hasIdHeader ? { "x-generation-id": request.generationId } : {}, body),
      );
      const send = request.isStream && fate !== "error-body" ? sendStream : sendWhole;
      send({
        request,
        body,
        fate,
        pieces: this.#sabotaged(request, pieces),
        overrun,
        clock,
        random,
        onBill: (bill) => {
          this.#bill(request, bill, random.between(0, 3_000));
          this.#end(request);
        },
      });
    });
  }

  /** The text names its request, so that a lost or repeated answer is detected. */
  #piecesFor({ number, maxTokens }: ProviderRequest): string[] {
    const { random } = this.#options;
    const count = Math.min(maxTokens, random.whole(3, random.pick([4, 8, 16])));
    return Array.from({ length: count }, (_, index) => `${number}.${index + 1}/${count} `);
  }

  #sabotaged({ number }: ProviderRequest, pieces: readonly string[]): readonly string[] {
    const { sabotage } = this.#options;
    if (sabotage === "doubles-an-answer" && number % 2 === 0) {
      return pieces.map((piece) => piece.replace(/^\d+/, String(number - 1)));
    }
    return pieces;
  }

  #body(request: ProviderRequest, signal: AbortSignal): TimedBody {
    const end = () => {
      signal.removeEventListener("abort", abort);
      this.#endByClient(request);
    };
    const body = new TimedBody(this.openBodies, end);
    const abort = () => {
      this.#endByClient(request);
      body.fail(signal.reason);
    };
    if (this.#options.world.fetchEndsBodies)
      signal.addEventListener("abort", abort, { once: true });
    return body;
  }

  /**
   * The client has cancelled the request. The provider charges the generated tokens, or the whole answer, even if the
   * client has received nothing.
   */
  #endByClient(request: ProviderRequest): void {
    if (request.endedAt !== undefined) return;
    const { random, history } = this.#options;
    request.isCutByClient = true;
    history.write(() => `request ${request.number} ended by the client`);
    this.#end(request);
    if (!request.isWorkedOn) return this.#bill(request, noBill, 0);
    const { route, isStream } = request;
    const sent = request.text.split(" ").length - 1;
    const isPartial = isStream && route.stopsOnAbort;
    const tokens = isPartial ? sent : Math.min(request.maxTokens, sent + 8);
    const generationMs = isPartial ? 0 : random.between(0, 15_000);
    this.#bill(
      request,
      billFor(route, promptTokens, tokens),
      generationMs + random.between(0, 3_000),
    );
  }

  #end(request: ProviderRequest): void {
    const { clock, history } = this.#options;
    if (request.endedAt !== undefined) return;
    request.endedAt = clock.now();
    if (request.holdsCredit) this.#account.inFlight -= 1;
    history.write(() => `request ${request.number} ended`);
  }

  #bill(request: ProviderRequest, bill: Bill, delayMs: number): void {
    const { clock, sabotage } = this.#options;
    if (request.bill) return;
    request.bill = bill;
    request.bookedAt = clock.now() + delayMs;
    if (sabotage === "books-a-token-more" && bill.completionTokens > 0) {
      // After the answer has reported the bill.
      queueMicrotask(() => {
        request.bill = { ...bill, completionTokens: bill.completionTokens + 1 };
      });
    }
  }
}
