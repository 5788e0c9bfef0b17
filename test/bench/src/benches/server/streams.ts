import { median, percentile } from "../../measure/statistics.ts";
import { PacedReader, pacedPath } from "../../servers/paced.ts";
import type { Way } from "./way.ts";
import { openWays } from "./ways.ts";

export interface StreamsResult {
  /** What a server adds to the time until the first token of a stream, in milliseconds, at the median. */
  readonly addedFirstTokenMs: number;
  /** The same for a server that only passes bytes on. */
  readonly passThroughAddedFirstTokenMs: number;
  readonly portkeyAddedFirstTokenMs: number;
  /** Pieces of concurrent streams that Orchestra did not pass on as separate events. */
  readonly missingPieces: number;
  /** The time of a piece through Orchestra, in milliseconds, at p99, with nothing else in progress. */
  readonly pieceP99Ms: number;
  /** How much longer it takes while requests with many tokens arrive, one after the other. */
  readonly besideLargeP99Ms: number;
  /** The same for a server that only passes bytes on: large requests take time of the client and the models too. */
  readonly passThroughBesideLargeP99Ms: number;
}

/** Streams at once. */
export const manyStreams = 128;
/** Tokens of a large request. */
export const largeTokens = 100_000;
const fewStreams = 16;
const pieces = 50;
const everyMs = 20;
const large = "word ".repeat(largeTokens);

/** The delay of the pieces of streams through a server. The models send them at a fixed interval. */
export async function benchStreams(
  modelsUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<StreamsResult> {
  return {
    ...(await firstTokens(modelsUrl, quick ? 100 : 500)),
    ...(await piecesOfMany(modelsUrl, quick ? 1 : 5)),
  };
}

async function firstTokens(modelsUrl: string, streams: number) {
  await using ways = await openWays(`${modelsUrl}/${pacedPath(3, 2)}`, { connections: 1 });
  const all = [ways.direct, ways.passThrough, ways.orchestra, ways.portkey];
  const times = new Map(all.map(({ name }) => [name, [] as number[]]));
  const warmUp = 20;
  for (let made = -warmUp; made < streams; made += 1) {
    for (const { name, stream } of all) {
      const startedAt = performance.now();
      let firstMs: number | undefined;
      await stream(() => (firstMs ??= performance.now() - startedAt));
      if (made >= 0) times.get(name)?.push(firstMs ?? Number.NaN);
    }
  }
  const added = (name: string) =>
    median(times.get(name) ?? []) - median(times.get(ways.direct.name) ?? []);
  return {
    addedFirstTokenMs: added(ways.orchestra.name),
    passThroughAddedFirstTokenMs: added(ways.passThrough.name),
    portkeyAddedFirstTokenMs: added(ways.portkey.name),
  };
}

async function piecesOfMany(modelsUrl: string, rounds: number) {
  const options = { connections: manyStreams + 1 };
  await using ways = await openWays(`${modelsUrl}/${pacedPath(pieces, everyMs)}`, options);
  await readStreams(ways.orchestra, manyStreams);
  let missingPieces = 0;
  const through = { alone: [] as number[], besideLarge: [] as number[] };
  const least = { alone: [] as number[], besideLarge: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    missingPieces += (await readStreams(ways.orchestra, manyStreams)).missing;
    for (const [way, delays] of [
      [ways.orchestra, through],
      [ways.passThrough, least],
    ] as const) {
      delays.alone.push(...(await readStreams(way, fewStreams)).delaysMs);
      delays.besideLarge.push(...(await delaysBesideLarge(way)));
    }
  }
  const pieceP99Ms = percentile(through.alone, 99);
  return {
    missingPieces,
    pieceP99Ms,
    besideLargeP99Ms: percentile(through.besideLarge, 99) - pieceP99Ms,
    passThroughBesideLargeP99Ms: percentile(least.besideLarge, 99) - percentile(least.alone, 99),
  };
}

async function delaysBesideLarge(way: Way): Promise<readonly number[]> {
  const reading = readStreams(way, fewStreams);
  const areRead = reading.then(() => true);
  while (!(await Promise.race([areRead, way.say(large)]))) continue;
  return (await reading).delaysMs;
}

async function readStreams(way: Way, streams: number) {
  const readers = Array.from({ length: streams }, () => new PacedReader());
  await Promise.all(readers.map(({ read }) => way.stream(read)));
  return {
    missing: readers.reduce((sum, reader) => sum + reader.missing(pieces), 0),
    delaysMs: readers.flatMap((reader) => reader.pieces.map(({ delayMs }) => delayMs)),
  };
}
