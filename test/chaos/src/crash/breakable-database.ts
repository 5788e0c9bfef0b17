import type { Database } from "@orchestra/runtime";
import type { PoolClient } from "pg";

/** Whether the statement that breaks is not sent, or is executed and its answer is lost. */
export type Moment = "unsent" | "unheard";

/**
 * - `cut`: the connection breaks, and the next one works.
 * - `freeze`: all connections break, and nothing is answered any more until {@link BreakableDatabase.thaw}.
 * - `kill`: the process ends at once.
 */
export type Harm = "cut" | "freeze" | "kill";

export interface Break {
  /** How many statements are executed before. */
  readonly statement: number;
  readonly moment: Moment;
  readonly harm: Harm;
}

type Send = (...parameters: unknown[]) => unknown;
type Answer = (error: Error | null, result?: unknown) => void;

/** A database whose connections break at a certain statement, once. */
export class BreakableDatabase {
  readonly database: Database;
  readonly #clients = new Set<PoolClient>();
  readonly #held: (() => void)[] = [];
  #break: Break | undefined;
  #broken = Promise.withResolvers<true>();
  #isBroken = false;
  #isFrozen = false;
  #statements = 0;

  /** @param database - Just opened: connections that others hold in the meantime do not break. */
  static async of(database: Database): Promise<BreakableDatabase> {
    const breakable = new BreakableDatabase(database);
    // The connection that it was opened with is to break too.
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

  /** How many statements it has seen since {@link breakAt}. */
  get statements(): number {
    return this.#statements;
  }

  /**
   * Counts statements from now on, and breaks once.
   *
   * @returns what resolves when it is broken
   */
  breakAt(plan: Break): Promise<true> {
    this.#break = plan;
    this.#statements = 0;
    this.#isBroken = false;
    this.#broken = Promise.withResolvers();
    return this.#broken.promise;
  }

  /**
   * What was asked in the meantime is told that the connection is lost; from now on all is as before, and
   * nothing breaks any more.
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
    // Where all was over before its answer came, it is heard.
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

  /** Says that the connection is lost: now, or to who is frozen when it thaws. */
  #lose(fail: (error: Error) => void): void {
    const say = (): void => fail(new Error("Connection terminated unexpectedly"));
    if (this.#isFrozen) this.#held.push(say);
    else say();
  }
}

/** The server rolls back what is not committed, as it does when a process is gone. */
function breakOff(client: PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}
