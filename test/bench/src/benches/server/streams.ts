import { setTimeout } from "node:timers/promises";
import { median, percentile } from "../../measure/statistics.ts";
import { startChild } from "../../servers/child.ts";
import type { LargeRequestsOptions } from "../../servers/large-requests.ts";
import { nowMs, PacedReader, pacedPath } from "../../servers/paced.ts";
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
  /** How much longer it takes in the time of a request with many tokens, from another process. */
  readonly besideLargeP99Ms: number;
  /** The same for a server that only passes bytes on. */
  readonly passThroughBesideLargeP99Ms: number;
}

/** Streams at once. */
export const manyStreams = 128;
/** Tokens of a large request. */
export const largeTokens = 100_000;
const fewStreams = 16;
const pieces = 50;
const everyMs = 20;
/** Between two large requests. */
const pauseMs = 50;

/** The delay of the pieces of streams through a server. The models send them at a fixed interval. */
export async function benchStreams(
  modelsUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<StreamsResult> {
  return {
    ...(await firstTokens(modelsUrl, quick ? 100 : 500)),
    ...(await piecesOfMany(modelsUrl, quick ? 1 : 10)),
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
  const options = { connections: manyStreams };
  await using ways = await openWays(`${modelsUrl}/${pacedPath(pieces, everyMs)}`, options);
  await using orchestra = await openDelays(ways.orchestra);
  await using passThrough = await openDelays(ways.passThrough);
  await readStreams(ways.orchestra, manyStreams);
  let missingPieces = 0;
  for (let round = 0; round < rounds; round += 1) {
    missingPieces += (await readStreams(ways.orchestra, manyStreams)).missing;
    for (const delays of [orchestra, passThrough]) await delays.measure();
  }
  const pieceP99Ms = percentile(orchestra.alone, 99);
  return {
    missingPieces,
    pieceP99Ms,
    besideLargeP99Ms: percentile(orchestra.besideLarge, 99) - pieceP99Ms,
    passThroughBesideLargeP99Ms:
      percentile(passThrough.besideLarge, 99) - percentile(passThrough.alone, 99),
  };
}

/** The delays of the pieces of some streams, in milliseconds: alone, and in the time of a large request over the same way. */
async function openDelays(way: Way) {
  const options: LargeRequestsOptions = { address: way.address, tokens: largeTokens };
  const sender = await startChild("large-requests.ts", options);
  const alone: number[] = [];
  const besideLarge: number[] = [];
  return {
    alone,
    besideLarge,
    async measure() {
      for (const { delayMs } of (await readStreams(way, fewStreams)).pieces) alone.push(delayMs);
      const reading = readStreams(way, fewStreams);
      const areRead = reading.then(() => true);
      const large: { readonly from: number; readonly to: number }[] = [];
      do {
        const from = nowMs();
        await sender.ask("send a large request");
        large.push({ from, to: nowMs() });
      } while (!(await Promise.race([areRead, setTimeout(pauseMs, false)])));
      for (const { readAtMs, delayMs } of (await reading).pieces) {
        if (large.some(({ from, to }) => readAtMs >= from && readAtMs - delayMs <= to)) {
          besideLarge.push(delayMs);
        }
      }
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  };
}

async function readStreams(way: Way, streams: number) {
  const readers = Array.from({ length: streams }, () => new PacedReader());
  await Promise.all(readers.map(({ read }) => way.stream(read)));
  return {
    missing: readers.reduce((sum, reader) => sum + reader.missing(pieces), 0),
    pieces: readers.flatMap((reader) => reader.pieces),
  };
}
