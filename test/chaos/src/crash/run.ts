import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outlastOutages } from "@orchestra/runtime";
import { startPostgres } from "@orchestra/test-postgres";
import { openKillingLane } from "./by-kills.ts";
import type { Harm } from "./breakable-database.ts";
import type { Case, CaseResult, Lane, Place } from "./case.ts";
import { openFreezingLane } from "./by-freezes.ts";
import { openCuttingLane } from "./by-cuts.ts";
import { casesOf } from "./plan.ts";
import { shapeNames, type ShapeName } from "./shapes.ts";
import type { Problem } from "./verdict.ts";

export interface CrashOptions {
  readonly seed: number;
  /** Number of runs that are interrupted, in all places. */
  readonly deaths: number;
  /** Maximum number of runs of each kind of interruption at one time. */
  readonly lanes: number;
  /** Minutes after which no more runs are interrupted. @defaultValue no limit */
  readonly minutes?: number | undefined;
  /** The only kind of interruption. @defaultValue all of them */
  readonly harm?: Harm | undefined;
  /** Called with each case when it begins. */
  readonly onCase?: ((place: Place, broken: Case) => void) | undefined;
  /** Called with each problem when it is found. */
  readonly onProblem?: (problem: CaseProblem) => void;
  /** Called with the progress. */
  readonly onProgress?: (line: string) => void;
}

/** The result of one place. */
export interface PlaceResult {
  readonly place: Place;
  /** Number of statements of a run without an interruption. */
  readonly statements: Readonly<Record<ShapeName, number>>;
  /** Number of interrupted runs of each shape. */
  readonly deaths: Readonly<Record<ShapeName, number>>;
  readonly problems: readonly CaseProblem[];
}

export interface CaseProblem extends Problem {
  readonly broken: Case;
}

export interface CrashResult {
  readonly options: CrashOptions;
  readonly durationMs: number;
  readonly places: readonly PlaceResult[];
}

/** Shares of all interruptions: killing a process takes ten times as long as cutting a connection. */
const shares: Readonly<Record<Harm, number>> = { freeze: 0.6, cut: 0.35, kill: 0.05 };

/** A lane is opened for at least this many interruptions, because opening it takes as long as several of them. */
const minDeathsOfLane = 20;

/** Number of other lanes for each killing lane, whose processes take a whole core. */
const lanesOfCore = 3;

/** Number of interruptions between two lines of progress. */
const progressDeaths = 25;

/** Interrupts runs at each of their statements, and checks the results. */
export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "orchestra-crash-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ folder: join(folder, "postgres") });
  stack.defer(() => postgres.stop());
  const { url } = postgres;
  const kinds: readonly [harm: Harm, open: OpenLane][] = [
    ["freeze", (lane) => openFreezingLane(url, lane)],
    ["cut", (lane) => openCuttingLane(url, lane)],
    ["kill", (lane) => openKillingLane(join(folder, `kill-${lane}`))],
  ];
  const startedAt = performance.now();
  const { harm: only, deaths, lanes } = options;
  const places = await Promise.all(
    kinds
      .filter(([harm]) => only === undefined || harm === only)
      .map(([harm, open]) => {
        const maxLanes = harm === "kill" ? Math.ceil(lanes / lanesOfCore) : lanes;
        return tryOut(open, only ? deaths : Math.ceil(deaths * shares[harm]), options, maxLanes);
      }),
  );
  return { options, durationMs: Math.round(performance.now() - startedAt), places };
}

/** @param lane - Number of the lane. Each lane of a place has its own database. */
type OpenLane = (lane: number) => Promise<Lane>;

/** Interrupts this number of runs in one place. */
async function tryOut(
  open: OpenLane,
  deaths: number,
  { seed, minutes = Infinity, onProgress, onProblem, onCase }: CrashOptions,
  maxLanes: number,
): Promise<PlaceResult> {
  const endAt = performance.now() + minutes * 60_000;
  const lanes = Math.min(maxLanes, Math.ceil(deaths / minDeathsOfLane));
  await using stack = new AsyncDisposableStack();
  const all: Lane[] = [];
  // Opened one after the other, because creating the tables takes a busy machine seconds.
  for (let lane = 0; lane < lanes; lane += 1) all.push(await openLane(lane));
  const [first] = all as [Lane];
  const { place } = first;
  const statements = await countAll(first);
  const cases = casesOf(place.harm, statements, seed);
  const result = { place, statements, deaths: zeros(), problems: [] as CaseProblem[] };
  let left = deaths;
  let opened = lanes;
  await Promise.all(all.map(breakRuns));
  return result;

  async function openLane(lane: number): Promise<Lane> {
    return stack.use(await outlastOutages(() => open(lane)));
  }

  async function breakRuns(first: Lane): Promise<void> {
    let lane = first;
    while (left > 0 && performance.now() < endAt) {
      left -= 1;
      const broken = cases.next().value;
      onCase?.(place, broken);
      const outcome = await lane.run(broken).catch(lostBy);
      for (const problem of outcome.problems) add({ ...problem, broken });
      if (outcome.isBroken) count(broken);
      else left += 1;
      // The run may still be in progress, and would disturb the next cases of this lane.
      if (outcome.isUnjudged) lane = await openLane(opened++);
    }
  }

  function add(problem: CaseProblem): void {
    result.problems.push(problem);
    onProblem?.(problem);
  }

  function count({ shape }: Case): void {
    result.deaths[shape] += 1;
    const died = Object.values(result.deaths).reduce((sum, each) => sum + each, 0);
    if (died % progressDeaths === 0) {
      onProgress?.(`${place.backend}, ${place.harm}: ${died} of ${deaths}`);
    }
  }
}

/** A case that hangs or fails counts as a lost run. */
function lostBy(error: Error): CaseResult {
  return { isBroken: true, isUnjudged: true, problems: [{ kind: "lost", words: error.message }] };
}

async function countAll(lane: Lane): Promise<Record<ShapeName, number>> {
  const counts = zeros();
  for (const shape of shapeNames) counts[shape] = await lane.countStatements(shape);
  return counts;
}

function zeros(): Record<ShapeName, number> {
  return Object.fromEntries(shapeNames.map((name) => [name, 0])) as Record<ShapeName, number>;
}
