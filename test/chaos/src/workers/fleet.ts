import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WorkerOrders } from "./worker-process.ts";

/** The unexpected end of a worker process. */
export interface OwnDeath {
  readonly worker: string;
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly how: string;
  /** The last lines that it printed on standard error. */
  readonly words: string;
}

export interface Kill {
  /** Name of the killed process. Each process has a different name. */
  readonly worker: string;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

export interface FleetOptions {
  readonly size: number;
  readonly ordersFor: (name: string) => WorkerOrders;
  /** Whether the worker with this name has received an answer. */
  readonly hasWorked: (name: string) => boolean;
  /** Folder of Node's compile cache, which all processes share. */
  readonly compileCache: string;
}

/** A worker process. */
interface Member {
  readonly place: number;
  /** Number of the process at this place; the first is 1. */
  readonly life: number;
  readonly name: string;
  readonly child: ChildProcess;
}

const workerFile = fileURLToPath(new URL("worker-process.ts", import.meta.url));
/** Number of processes that have loaded their code and wait. They replace killed processes quickly. */
const spareCount = 2;
/** Pause before a worker that ended by itself is replaced, as with a process manager. */
const restartDelayMs = 500;
const closeTimeoutMs = 20_000;

/** Worker processes. A process that ends is replaced. */
export class Fleet {
  readonly kills: Kill[] = [];
  readonly ownDeaths: OwnDeath[] = [];
  /** The lines that workers printed on standard error. */
  readonly complaints: string[] = [];
  readonly #options: FleetOptions;
  readonly #spares: ChildProcess[];
  readonly #members: Member[];
  #isClosing = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#spares = Array.from({ length: spareCount }, () => this.#load());
    this.#members = Array.from({ length: options.size }, (_, place) => this.#begin(place, 1));
  }

  /**
   * Kills a worker.
   *
   * @param draw - A random number in [0, 1) that selects the worker.
   * @param isRuthless - Whether it may be a worker that has not received an answer yet.
   * @returns whether there was a worker to kill
   */
  kill(draw: number, isRuthless: boolean): boolean {
    const victims = this.#members.filter(
      ({ child, name }) => !hasExited(child) && (isRuthless || this.#options.hasWorked(name)),
    );
    const victim = victims[Math.floor(draw * victims.length)];
    if (!victim) return false;
    victim.child.kill("SIGKILL");
    this.kills.push({ worker: victim.name, at: Date.now() });
    return true;
  }

  /** Stops all workers. @returns the names of those that did not end in time */
  async close(): Promise<readonly string[]> {
    this.#isClosing = true;
    for (const spare of this.#spares) spare.kill("SIGKILL");
    const killed = new Set(this.kills.map(({ worker }) => worker));
    const alive = this.#members.filter(({ name }) => !killed.has(name));
    const ended = await Promise.all(alive.map(({ child }) => stop(child)));
    return alive.filter((_, index) => !ended[index]).map(({ name }) => name);
  }

  #begin(place: number, life: number): Member {
    const child = this.#spares.shift() ?? this.#load();
    if (!this.#isClosing) this.#spares.push(this.#load());
    const name = `worker-${place + 1}.${life}`;
    const member = { place, life, name, child };
    let words = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-4000);
      this.complaints.push(...text.split("\n").filter(Boolean));
    });
    child.once("exit", (code, signal) => this.#onExit(member, signal ?? `code ${code}`, words));
    child.send(this.#options.ordersFor(name), () => undefined);
    return member;
  }

  #load(): ChildProcess {
    return fork(workerFile, [], {
      execArgv: ["--conditions=@orchestra/source"],
      env: { ...process.env, NODE_COMPILE_CACHE: this.#options.compileCache },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
  }

  #onExit({ name, place, life }: Member, how: string, words: string): void {
    const isKilled = this.kills.some(({ worker }) => worker === name);
    if (!isKilled && !(this.#isClosing && how === "code 0")) {
      this.ownDeaths.push({ worker: name, at: Date.now(), how, words });
    }
    const restart = () => {
      if (!this.#isClosing) this.#members[place] = this.#begin(place, life + 1);
    };
    setTimeout(restart, isKilled ? 0 : restartDelayMs);
  }
}

/** @returns whether it ended by itself in time */
async function stop(child: ChildProcess): Promise<boolean> {
  if (hasExited(child)) return true;
  const { promise: ended, resolve } = Promise.withResolvers<boolean>();
  child.once("exit", (code) => resolve(code === 0));
  const timer = setTimeout(() => child.kill("SIGKILL"), closeTimeoutMs);
  child.send("stop", () => undefined);
  const isInTime = await ended;
  clearTimeout(timer);
  return isInTime;
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
