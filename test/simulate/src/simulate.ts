import { getEventListeners } from "node:events";
import { Orchestra, type CallRecord, type OrchestraOptions } from "@orchestra/core";
import type { OutcomeKind, TimedEvent } from "./call-outcome.ts";
import { Caller } from "./caller.ts";
import { checks, unknowableOf, type CheckName } from "./checks/index.ts";
import type { Evidence } from "./evidence.ts";
import { History } from "./history.ts";
import { Provider, type ProviderSabotage } from "./provider/provider.ts";
import { Random } from "./random.ts";
import { drawCalls } from "./scenario/callers.ts";
import { drawSettings, environmentOf, type SimulatedSettings } from "./scenario/settings.ts";
import { drawWorld, type World } from "./scenario/world.ts";
import { VirtualClock, type ClockView } from "./virtual-clock.ts";

export interface SimulateOptions {
  /** Whether the history is kept. @defaultValue `false` */
  readonly keepsHistory?: boolean;
  /** Changes the options of Orchestra, to test that the checks find its bugs. */
  readonly orchestra?: (clock: ClockView) => Partial<OrchestraOptions>;
  /** Adds a bug to the provider, for the same purpose. */
  readonly sabotage?: ProviderSabotage | undefined;
  /** Replaces settings that the seed has drawn. */
  readonly settings?: Partial<SimulatedSettings>;
  /** Replaces parts of the world that the seed has drawn. */
  readonly world?: Partial<World>;
}

/** A requirement that was violated. */
export interface Violation {
  readonly check: CheckName;
  readonly problem: string;
}

/** One simulation in numbers. */
export interface SimulationResult {
  readonly seed: number;
  readonly calls: number;
  readonly requests: number;
  readonly outcomes: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** Charged requests of which no client can know the cost. */
  readonly unknowable: number;
  /** Virtual time, in milliseconds. */
  readonly virtualMs: number;
  readonly violations: readonly Violation[];
  readonly history: readonly string[];
}

/** Time after the last call: enough for the costs of cut answers, and for connections to close. */
const settleMs = 20_000;

const silent = { error() {}, warn() {}, info() {}, debug() {}, isLevelEnabled: () => false };

/** Runs the simulation that a seed determines, and checks it. */
export async function simulate(
  seed: number,
  options: SimulateOptions = {},
): Promise<SimulationResult> {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    return await run(seed, options, unhandled);
  } finally {
    process.off("unhandledRejection", note);
  }
}

async function run(
  seed: number,
  options: SimulateOptions,
  unhandled: readonly unknown[],
): Promise<SimulationResult> {
  const random = new Random(seed);
  const settings = { ...drawSettings(random.fork()), ...options.settings };
  const world = { ...drawWorld(random.fork(), settings.requestsPerMinute), ...options.world };
  const clock = new VirtualClock(world.startAt);
  const harness = clock.view();
  const product = clock.view();
  const history = new History(harness, options.keepsHistory ?? false);
  const { sabotage } = options;
  const provider = new Provider({
    world,
    clock: harness,
    random: random.fork(),
    history,
    sabotage,
  });
  const records: CallRecord[] = [];
  const events: TimedEvent[] = [];
  const orchestra = new Orchestra({
    environment: environmentOf(settings, world),
    clock: product,
    random: random.fork().next,
    fetch: provider.fetch,
    logger: silent,
    onCall: (record) => records.push(record),
    onEvent: (event) => {
      events.push({ at: harness.now(), event });
      if (event.type === "circuit") history.write(() => `circuit of ${event.route}: ${event.to}`);
      else if (!event.type.endsWith("-delta") && event.type !== "call-end") {
        history.write(() => `event ${describe(event)}`);
      }
    },
    ...options.orchestra?.(product),
  });
  const callers = drawCalls(random.fork(), settings.coalesce).map(
    (call) => new Caller(call, { orchestra, clock: harness, history }),
  );
  await drive(clock, Promise.all(callers.map((caller) => caller.run())));
  await drive(clock, orchestra.flushCosts());
  await drive(clock, harness.sleep(settleMs));
  const evidence: Evidence = {
    world,
    settings,
    outcomes: callers.map(({ outcome }) => outcome),
    requests: provider.requests,
    pricesKnownAt: provider.catalogServedAt,
    unhandled,
    records,
    events,
    total: orchestra.ledger.total,
    leftovers: {
      timers: product.pending,
      openBodies: provider.openBodies.size,
      listeners: callers.reduce(
        (count, { controller }) => count + getEventListeners(controller.signal, "abort").length,
        0,
      ),
    },
  };
  return {
    seed,
    calls: callers.length,
    requests: provider.requests.length,
    outcomes: countKinds(evidence),
    unknowable: unknowableOf(evidence),
    virtualMs: harness.now() - world.startAt,
    violations: Object.entries(checks).flatMap(([name, check]) =>
      check(evidence).map((problem) => ({ check: name as CheckName, problem })),
    ),
    history: history.lines,
  };
}

/** More steps than any work that ends. */
const maxSteps = 2_000_000;

/**
 * Moves the clock until the work is done, or no timer is left. Then the work hangs, and the checks report it.
 */
async function drive(clock: VirtualClock, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  work.then(end, end);
  for (let step = 0; step < maxSteps; step += 1) {
    await oneTurn();
    if (isDone) return;
    if (!clock.step()) {
      await oneTurn();
      if (isDone || !clock.step()) return;
    }
  }
}

/** One turn of the event loop, after which all promises that can settle have settled. */
function oneTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function countKinds({ outcomes }: Evidence): SimulationResult["outcomes"] {
  const counts: Partial<Record<OutcomeKind, number>> = {};
  for (const { kind } of outcomes) if (kind) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** The ids of calls are random, and no part of the history. */
function describe({ type, ...fields }: TimedEvent["event"]): string {
  return `${type} ${JSON.stringify({ ...fields, callId: undefined })}`;
}
