import {
  largeTokens,
  manyStreams,
  serverAtOnce,
  warmUpCalls,
  type ServerResult,
} from "../benches/server/index.ts";
import { rounded } from "../measure/statistics.ts";
import { atLeast, atMost, noted, verdict, type Section } from "./section.ts";
import { table } from "./table.ts";

export function serverSection(result: ServerResult): Section {
  return {
    title: "The server",
    text: `\`orchestra serve\` beside \`@portkey-ai/gateway\`, each in its own process, between one client and a model server that answers at once.
Throughput is measured with ${serverAtOnce} connections, each with one request in progress; the servers take turns, and each has answered ${warmUpCalls} before. The added time of a server is the time of single requests, one after another, minus the time without a server in between.
"Node.js alone" is \`node:http\` and undici, which pass all bytes on, without keys or records: the minimum work of a server.
With everything on, Orchestra has the log, and limits and budgets that are never reached; otherwise it has keys, roles and the ledger.
Streams are paced, a piece in 20 ms. ${manyStreams} of them come at once; then 16, alone and beside requests of ${largeTokens} tokens, which another process sends one after the other, with pauses. The time of a piece is that from the models' server to the client; "beside" are the pieces that were on their way in the time of a large request.
Ready is the time from the start of the process, built and with a filled compile cache, to the first probe of \`/readyz\` with HTTP 200. Two processes share the cores with the client and the models, so less than twice the throughput is expected.`,
    verdict: verdict([
      noted("`server.passThroughRatio`, Node.js alone over Portkey's", result.passThroughRatio),
      atLeast("`server.throughputRatio`, over Portkey's gateway", result.throughputRatio, 4.3),
      atLeast("`server.everythingOnRatio`, likewise", result.everythingOnRatio, 3),
      noted("`server.streamRatio`, likewise, for streams", result.streamRatio),
      atMost("`server.addedP50Ratio`", result.addedP50Ratio, 0.4),
      atMost("`server.addedP99Ratio`", result.addedP99Ratio, 0.5),
      atMost("`server.memoryRatio`, after the same requests", result.memoryRatio, 1),
      atLeast("`server.refusedPerSecond`, wrong keys", result.refusedPerSecond, 5000),
      atMost("`server.addedFirstTokenMs`", result.addedFirstTokenMs, 1),
      noted(
        "`server.passThroughAddedFirstTokenMs`, Node.js alone",
        result.passThroughAddedFirstTokenMs,
      ),
      noted("`server.portkeyAddedFirstTokenMs`", result.portkeyAddedFirstTokenMs),
      atMost("`server.missingPieces`, lost or merged", result.missingPieces, 0),
      noted("`server.pieceP99Ms`", result.pieceP99Ms),
      atMost("`server.besideLargeP99Ms`, more than that", result.besideLargeP99Ms, 5),
      noted(
        "`server.passThroughBesideLargeP99Ms`, likewise, Node.js alone",
        result.passThroughBesideLargeP99Ms,
      ),
      atMost("`server.readyMs`, on PGlite", result.readyMs, 1500),
      noted("`server.newReadyMs`, and makes PGlite first", result.newReadyMs),
      atMost("`server.postgresReadyMs`, without a worker", result.postgresReadyMs, 800),
      noted("`server.twoProcessesRatio`, answers a second", result.twoProcessesRatio),
    ]),
    tables: [
      {
        caption: "Ways to the models",
        table: table(
          [
            "server",
            "answers a second",
            "streams a second",
            "p50 in ms",
            "p99 in ms",
            "memory in MB",
          ],
          result.rows.map((row) => [
            row.name,
            Math.round(row.perSecond),
            Math.round(row.streamsPerSecond),
            rounded(row.p50Ms),
            rounded(row.p99Ms),
            row.memoryMb === undefined ? "" : Math.round(row.memoryMb),
          ]),
        ),
      },
    ],
  };
}
