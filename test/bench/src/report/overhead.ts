import { overheadFigures, type OverheadFigureName } from "../benches/overhead/figures.ts";
import {
  overheadAtOnce,
  type OverheadResult,
  type OverheadRow,
} from "../benches/overhead/index.ts";
import { rounded } from "../measure/statistics.ts";
import { longChunks, shortChunks } from "../servers/canned.ts";
import { atMost, verdict, type Section, type Target } from "./section.ts";
import { table } from "./table.ts";

export const overheadTitle = "Overhead";

export function overheadSection(result: OverheadResult): Section {
  return {
    title: overheadTitle,
    text: `A bare \`node:http\` server in its own process answers at once, with keep-alive, with a canned completion that has OpenRouter's usage and cost.
The clients run in one process and take turns of ten calls. A figure is the median of all rounds, a ratio the median of the rounds' ratios.

"Everything on" means: limits for requests, tokens, days and concurrent calls, budgets in dollars and tokens for call, run and day, a fallback, a hedge and the log at \`info\` into \`/dev/null\`. No limit is ever reached.
The other rows of Orchestra have no limits, no budgets and no log.

LCEL is \`prompt | ChatOpenAI.withRetry().withFallbacks([ChatOpenAI])\`, without a parser. It does less than an agent, which parses the answer and checks it against its schema.
\`completions\` is \`orchestra.completions.create()\`, which has the same request and answer as the \`openai\` client.
Role models and agents stream every answer from upstream, to detect a server that stops sending; they get the short answer in ${shortChunks} chunks, where \`completions\` and the peers get one JSON document.
The server sends a stream in one write, so that only the client's work is measured.
An agent reads its stream to the end before it returns; all others pass on every chunk.`,
    verdict: verdict(
      Object.keys(overheadFigures).map((name) => target(result, name as OverheadFigureName)),
    ),
    tables: [
      {
        caption: "One call after another: the median call",
        table: overheadTable(result.sequential),
      },
      {
        caption: `A stream of ${longChunks} chunks, read to its end`,
        table: overheadTable(result.stream),
      },
      {
        caption: `${overheadAtOnce} calls at once: the time of all calls over their number`,
        table: overheadTable(result.concurrent),
      },
    ],
  };
}

const contestNames = {
  sequential: "one call after another",
  stream: `a stream of ${longChunks} chunks`,
  concurrent: `${overheadAtOnce} at once`,
} as const;

function target(result: OverheadResult, name: OverheadFigureName): Target {
  const { contest, ours, theirs, target: max } = overheadFigures[name];
  const note = `${ours} over ${theirs}, ${contestNames[contest]}`;
  return atMost(`\`overhead.${name}\`: ${note}`, result[name], max);
}

function overheadTable(rows: readonly OverheadRow[]): string {
  return table(
    ["client", "ms a call", "calls a second", "times fetch", "times LCEL"],
    rows.map(({ name, ms, vsFetch, vsLcel }) => [
      name,
      rounded(ms),
      Math.round(1000 / ms),
      rounded(vsFetch),
      rounded(vsLcel),
    ]),
  );
}
