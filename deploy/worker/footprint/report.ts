import type { Counters, TableSize } from "./counters.ts";

export interface Footprint {
  readonly runs: number;
  readonly callsPerRun: number;
  /** One worker that waits for runs. */
  readonly idle: Counters;
  readonly busy: Counters;
  readonly tables: { readonly before: readonly TableSize[]; readonly after: readonly TableSize[] };
  readonly connections: number;
}

/** Prints what one run took, as Markdown. */
export function report({ runs, callsPerRun, idle, busy, tables, connections }: Footprint): void {
  const lines = [
    `${runs} runs of ${callsPerRun.toFixed(1)} model calls, ${(runs / (busy.at / 1000)).toFixed(1)} a second; ${connections} connections.`,
    "",
    "| | per run | one idle worker, per second |",
    "| --- | ---: | ---: |",
    ...(["statements", "commits", "notices", "logBytes"] as const).map((name) => {
      const idleRate = idle[name] / idle.at;
      // Background work would have happened without runs too.
      const perRun = (busy[name] - idleRate * busy.at) / runs;
      return `| ${name} | ${rounded(perRun)} | ${rounded(idleRate * 1000)} |`;
    }),
    "",
    "| table | rows per run | bytes per run |",
    "| --- | ---: | ---: |",
    ...added(tables, runs).map(
      ({ table, rows, bytes }) => `| ${table} | ${rounded(rows)} | ${rounded(bytes)} |`,
    ),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function added({ before, after }: Footprint["tables"], runs: number): TableSize[] {
  const sizes = after.map(({ table, rows, bytes }) => {
    const was = before.find((other) => other.table === table);
    return {
      table,
      rows: (rows - (was?.rows ?? 0)) / runs,
      bytes: (bytes - (was?.bytes ?? 0)) / runs,
    };
  });
  const grown = sizes.filter(({ rows, bytes }) => rows !== 0 || bytes !== 0);
  const sum = (field: "rows" | "bytes") => grown.reduce((total, size) => total + size[field], 0);
  return [...grown, { table: "together", rows: sum("rows"), bytes: sum("bytes") }];
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toFixed(1)));
}
