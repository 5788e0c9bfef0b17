import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createCommand, Option } from "@orchestra/test-command";
import { benchNames, type BenchName } from "./bench-names.ts";
import { benchDeadPrimary } from "./benches/dead-primary.ts";
import { benchDurable } from "./benches/durable/index.ts";
import { benchGoodput } from "./benches/goodput.ts";
import { benchHedge } from "./benches/hedge.ts";
import { benchInstalled } from "./benches/installed.ts";
import { benchOverhead } from "./benches/overhead/index.ts";
import { benchRecovery } from "./benches/recovery.ts";
import { benchServer } from "./benches/server/index.ts";
import { benchStart } from "./benches/start.ts";
import { report, summary, withNewer } from "./report/report.ts";
import { circumstances, type Results } from "./results.ts";

const benches = {
  overhead: benchOverhead,
  start: benchStart,
  installed: benchInstalled,
  goodput: benchGoodput,
  deadPrimary: benchDeadPrimary,
  recovery: benchRecovery,
  hedge: benchHedge,
  server: benchServer,
  durable: benchDurable,
} satisfies Record<BenchName, unknown>;

const command = createCommand("pnpm bench", "Measures Orchestra beside its peers, on loopback.")
  .option("--quick", "fewer rounds and, where they take long, no peers; some minutes")
  .addOption(new Option("--only <bench...>", "only these").choices(benchNames))
  .option("--json", "prints one JSON object and nothing else")
  .addOption(
    new Option(
      "--write",
      "writes docs/benchmarks.md and its plots; with --only, the sections of those benches",
    ).conflicts("quick"),
  );

const docs = new URL("../../../docs/", import.meta.url);

const { quick = false, only = benchNames, json, write } = command.parse().opts();
// Tracing that the developer's environment turns on would be measured too.
for (const name of Object.keys(process.env)) {
  if (/^(LANGCHAIN|LANGSMITH|OPENAI)_/.test(name)) delete process.env[name];
}
const names = benchNames.filter((name) => only.includes(name));
let results: Results = { circumstances: circumstances(quick) };
for (const name of names) {
  const startedAt = performance.now();
  process.stderr.write(`${name} … `);
  results = { ...results, [name]: await benches[name]({ quick }) };
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
}
process.stdout.write(json ? `${toJson(results)}\n` : summary(results));
if (write) await writeReport(results, names.length === benchNames.length);

/** Without the instants that only plots need. */
function toJson(results: Results): string {
  return JSON.stringify(results, (name, value: unknown) =>
    name === "answersAt" ? undefined : value,
  );
}

async function writeReport(results: Results, isWhole: boolean): Promise<void> {
  const { markdown, plots } = report(results);
  await mkdir(new URL("benchmarks/", docs), { recursive: true });
  const page = new URL("benchmarks.md", docs);
  await writeFile(page, isWhole ? markdown : withNewer(await readFile(page, "utf8"), markdown));
  for (const { file, svg } of plots) await writeFile(new URL(`benchmarks/${file}`, docs), svg);
}
