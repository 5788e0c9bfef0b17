import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { behaviours } from "./behaviours.ts";
import type { Cell, CellResult } from "./client.ts";
import { serveRaw } from "./raw-server.ts";
import { goodAnswer } from "./wire.ts";

const kinds = ["chat", "stream", "agent"] as const;
const heapMb = 256;

export interface Outcome {
  readonly behaviours: number;
  readonly results: readonly CellResult[];
  /** Failures outside of the cells, such as the end of the process. */
  readonly fatal: string[];
  /** Peak memory of the client's process. */
  readonly peakMb: number;
}

export interface HostileOptions {
  /** Cells at one time. @defaultValue `4` */
  readonly concurrency?: number;
  /** @defaultValue `900_000` */
  readonly timeoutMs?: number;
  /** Which cells are tried. @defaultValue all */
  readonly isWanted?: (cell: Pick<Cell, "behaviour" | "kind">) => boolean;
}

/** Tries behaviours as chat, stream and agent against a client in a process with a heap of 256 MB. */
export async function runHostile(
  names: readonly string[],
  { concurrency = 4, timeoutMs = 900_000, isWanted }: HostileOptions = {},
): Promise<Outcome> {
  const cells: Cell[] = names
    .flatMap((behaviour) => kinds.map((kind) => ({ behaviour, kind })))
    .filter((cell) => isWanted?.(cell) ?? true)
    .map((cell, id) => ({ ...cell, id }));
  const begun = new Set<string>();
  await using server = await serveRaw((socket, request) => {
    const [, name = "", id = ""] = request.path.split("/");
    const respond = behaviours[decodeURIComponent(name)];
    if (!respond || (request.method === "POST" && !isFirst(begun, id))) {
      return goodAnswer(socket, request);
    }
    return respond(socket, request);
  });
  const input = JSON.stringify({ port: server.port, cells, concurrency });
  return await collect(input, names.length, timeoutMs);
}

/** Only the first request of a cell meets the behaviour: then the next call has to be served. */
function isFirst(begun: Set<string>, id: string): boolean {
  if (begun.has(id)) return false;
  begun.add(id);
  return true;
}

async function collect(input: string, count: number, timeoutMs: number): Promise<Outcome> {
  const client = fileURLToPath(new URL("client.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--conditions=@orchestra/source", `--max-old-space-size=${heapMb}`, client, input],
    { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs },
  );
  const results: CellResult[] = [];
  const fatal: string[] = [];
  const open = new Set<number>();
  let end = { peakMb: 0 };
  let errors = "";
  child.stderr.on("data", (data) => {
    errors = (errors + String(data)).slice(-4000);
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    // LangChain prints warnings.
    if (!line.startsWith("{")) continue;
    const report = JSON.parse(line) as Partial<CellResult> & {
      readonly fatal?: string;
      readonly started?: number;
      readonly peakMb?: number;
    };
    if (report.fatal !== undefined) fatal.push(report.fatal);
    else if (report.started !== undefined) open.add(report.started);
    else if (report.peakMb !== undefined) end = { peakMb: report.peakMb };
    else {
      results.push(report as CellResult);
      open.delete((report as CellResult).id);
    }
  }
  const code = await closed;
  if (code !== 0)
    fatal.push(`the client ended with ${code} in cells ${[...open].join(", ")}: ${errors}`);
  return { behaviours: count, results, fatal, ...end };
}
