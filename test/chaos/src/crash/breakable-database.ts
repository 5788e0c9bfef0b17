import type { Database } from "@orchestra/runtime";
import type { PoolClient } from "pg";

/** `unsent`: the statement is not sent. `unheard`: it is executed, and its result is lost. */
export type Moment = "unsent" | "unheard";

/**
 * - `cut`: the connection breaks, and the next one works.
 * - `freeze`: all connections break, and no statement returns until {@link BreakableDatabase.thaw}.
 * - `kill`: the process ends at once.
 */
export type Harm = "cut" | "freeze" | "kill";

export interface Break {
  /** Number of statements that are executed before. */
  readonly statement: number;
  readonly moment: Moment;
  readonly harm: Harm;
}

type Send = (...parameters: unknown[]) => unknown;
type Answer = (error: Error | null, result?: unknown) => void;

/** A database whose connections break once, at a given statement. */
export class BreakableDatabase {
  readonly database: Database;
  readonly #clients = new Set<PoolClient>();
  readonly #held: (() => void)[] = [];
  #break: Break | undefined;
  #broken = Promise.withResolvers<true>();
  #isBroken = false;
  #isFrozen = false;
  #statements = 0;

  /** @param database - Must be just opened: connections that are in use now do not break later. */
  static async of(database: Database): Promise<BreakableDatabase> {
    const breakable = new BreakableDatabase(database);
    // The first connection of the pool was opened before this, so it is added here.
    const first = await database.pool.connect();
    breakable.#watch(first);
    first.release();
    return breakable;
  }

  private constructor(database: Database) {
    this.database = database;
    database.pool.on("connect", (client) => this.#watch(client));
  }

  /** Whether it has broken since {@link breakAt}. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Number of statements since {@link breakAt}. */
  get statements(): number {
    return this.#statements;
  }

  /**
   * Counts statements from now on, and breaks once, at the planned one.
   *
   * @returns a promise that resolves when it is broken
   */
  breakAt(plan: Break): Promise<true> {
    this.#break = plan;
    this.#statements = 0;
    this.#isBroken = false;
    this.#broken = Promise.withResolvers();
    return this.#broken.promise;
  }

  /**
   * Ends a freeze. The statements of the meantime fail, because their connections are lost. Later statements work,
   * and nothing breaks any more.
   */
  thaw(): void {
    this.#break = undefined;
    this.#isFrozen = false;
    for (const fail of this.#held.splice(0)) fail();
  }

  #watch(client: PoolClient): void {
    this.#clients.add(client);
    client.once("end", () => this.#clients.delete(client));
    const send = client.query.bind(client) as Send;
    Object.assign(client, { query: (...parameters: unknown[]) => this.#query(send, parameters) });
  }

  #query(send: Send, parameters: readonly unknown[]): unknown {
    if (this.#isFrozen) return this.#hold(parameters);
    const plan = this.#break;
    const isReached = this.#statements === plan?.statement;
    this.#statements += 1;
    if (!plan || !isReached) return send(...parameters);
    if (plan.moment === "unheard") return this.#sendUnheard(send, parameters, plan);
    this.#strike(plan);
    return this.#isFrozen ? this.#hold(parameters) : send(...parameters);
  }

  #sendUnheard(send: Send, parameters: readonly unknown[], plan: Break): unknown {
    const callback = parameters.at(-1);
    if (typeof callback !== "function") {
      return this.#loseAnswer(send(...parameters) as Promise<unknown>, plan);
    }
    return send(...parameters.slice(0, -1), (...answer: Parameters<Answer>) => {
      if (this.#break === plan) {
        this.#strike(plan);
        this.#lose(callback as Answer);
      } else (callback as Answer)(...answer);
    });
  }

  async #loseAnswer(answer: Promise<unknown>, plan: Break): Promise<unknown> {
    await answer.catch(() => undefined);
    // The case has ended before the result arrived, so the result is returned.
    if (this.#break !== plan) return answer;
    this.#strike(plan);
    const { promise, reject } = Promise.withResolvers<never>();
    this.#lose(reject);
    return promise;
  }

  #strike({ harm }: Break): void {
    if (harm === "kill") process.kill(process.pid, "SIGKILL");
    this.#isBroken = true;
    this.#isFrozen = harm === "freeze";
    for (const client of this.#clients) breakOff(client);
    this.#clients.clear();
    this.#broken.resolve(true);
  }

  #hold(parameters: readonly unknown[]): unknown {
    const callback = parameters.at(-1);
    if (typeof callback === "function") return this.#lose(callback as Answer);
    const { promise, reject } = Promise.withResolvers<never>();
    this.#lose(reject);
    return promise;
  }

  /** Fails a statement, because its connection is lost: now, or during a freeze when that ends. */
  #lose(fail: (error: Error) => void): void {
    const say = (): void => fail(new Error("Connection terminated unexpectedly"));
    if (this.#isFrozen) this.#held.push(say);
    else say();
  }
}

/** Closes a connection. The server rolls back its transaction, as at the end of a process. */
function breakOff(client: PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}
