import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@orchestra/test-postgres";
import { openKillingLane } from "./by-kills.ts";
import type { Harm } from "./breakable-database.ts";
import type { Case, Lane, Place } from "./case.ts";
import { openFreezingLane } from "./by-freezes.ts";
import { openCuttingLane } from "./by-cuts.ts";
import { casesOf } from "./plan.ts";
import { shapeNames, type ShapeName } from "./shapes.ts";
import type { Problem } from "./verdict.ts";

export interface CrashOptions {
  readonly seed: number;
  /** How many runs are broken, in all places. */
  readonly deaths: number;
  /** The only harm that is done. @defaultValue each of them */
  readonly harm?: Harm | undefined;
  /** Hears of each case as it begins. */
  readonly onCase?: ((place: Place, broken: Case) => void) | undefined;
  /** Hears how far it has come. */
  readonly onProgress?: (line: string) => void;
}

/** What came of one place. */
export interface PlaceResult {
  readonly place: Place;
  /** How many statements a run makes where nothing breaks. */
  readonly statements: Readonly<Record<ShapeName, number>>;
  /** How many runs of each shape were broken. */
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

/** Parts of all deaths: a killed process takes ten times as long as a cut connection. */
const shares: Readonly<Record<Harm, number>> = { freeze: 0.6, cut: 0.35, kill: 0.05 };

/** How many deaths lie between two reports on the way. */
const progressDeaths = 25;

/** Breaks runs at each of their statements, and examines what came of it. */
export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "orchestra-crash-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ folder: join(folder, "postgres") });
  stack.defer(() => postgres.stop());
  const { url } = postgres;
  const lanes: readonly [harm: Harm, open: () => Promise<Lane>][] = [
    ["freeze", () => openFreezingLane(url)],
    ["cut", () => openCuttingLane(url)],
    ["kill", () => openKillingLane(join(folder, "kill"))],
  ];
  const startedAt = performance.now();
  const { harm: only, deaths } = options;
  const places = await Promise.all(
    lanes
      .filter(([harm]) => only === undefined || harm === only)
      .map(([harm, open]) =>
        tryOut(open, only ? deaths : Math.ceil(deaths * shares[harm]), options),
      ),
  );
  return { options, durationMs: Math.round(performance.now() - startedAt), places };
}

/** Breaks so many runs in one place. */
async function tryOut(
  open: () => Promise<Lane>,
  deaths: number,
  { seed, onProgress, onCase }: CrashOptions,
): Promise<PlaceResult> {
  await using lane = await open();
  const { place } = lane;
  const statements = await countAll(lane);
  const result = { place, statements, deaths: zeros(), problems: [] as CaseProblem[] };
  let died = 0;
  for (const broken of casesOf(place.harm, statements, seed)) {
    if (died >= deaths) break;
    onCase?.(place, broken);
    const { isBroken, problems } = await examined(lane, broken);
    result.problems.push(...problems.map((problem) => ({ ...problem, broken })));
    if (!isBroken) continue;
    result.deaths[broken.shape] += 1;
    died += 1;
    if (died % progressDeaths === 0) {
      onProgress?.(`${place.backend}, ${place.harm}: ${died} of ${deaths}`);
    }
  }
  return result;
}

/** A case that hangs, or cannot be judged, is a run that is lost. */
async function examined(lane: Lane, broken: Case) {
  try {
    return await lane.run(broken);
  } catch (error) {
    const problem = { kind: "lost", words: (error as Error).message } as const;
    return { isBroken: true, problems: [problem] };
  }
}

async function countAll(lane: Lane): Promise<Record<ShapeName, number>> {
  const counts = zeros();
  for (const shape of shapeNames) counts[shape] = await lane.countStatements(shape);
  return counts;
}

function zeros(): Record<ShapeName, number> {
  return Object.fromEntries(shapeNames.map((name) => [name, 0])) as Record<ShapeName, number>;
}
