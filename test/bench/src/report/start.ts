import type { StartResult } from "../benches/start.ts";
import { rounded } from "../measure/statistics.ts";
import { atMost, verdict, type Section } from "./section.ts";
import { table } from "./table.ts";

export const startTitle = "Start-up";

export function startSection(result: StartResult): Section {
  return {
    title: startTitle,
    text: `A new process loads its client, sends one request to the same server and reads the answer: \`new ChatOpenAI(…).invoke("…")\`, and \`new Orchestra(…).chat("…")\` from the built package.
The time is from the start of the process to the answer, the memory is the peak of its resident set until then.
The programs take turns, in ${result.rounds} rounds; a figure is the median of the rounds, a ratio the median of the rounds' ratios.
Orchestra has its defaults, with the log at \`info\`. \`fetch\` shows what Node.js itself needs.`,
    verdict: verdict([
      atMost("`start.ratio`: time of Orchestra over that of ChatOpenAI", result.ratio, 1),
      atMost("`start.memoryRatio`: memory, likewise", result.memoryRatio, 1),
    ]),
    tables: [
      {
        caption: "From the start of the process to the first answer",
        table: table(
          ["client", "ms", "peak memory in MB", "times ChatOpenAI", "memory, times ChatOpenAI"],
          result.rows.map((row) => [
            row.name,
            rounded(row.ms),
            rounded(row.memoryMb),
            rounded(row.ratio),
            rounded(row.memoryRatio),
          ]),
        ),
      },
    ],
  };
}
