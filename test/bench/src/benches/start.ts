import { median, medianRatio } from "../measure/statistics.ts";
import { benchModel } from "../servers/canned.ts";
import { startChild } from "../servers/child.ts";
import { buildCore } from "../start/build-core.ts";
import { runProgram, type Start } from "../start/run-program.ts";
import { key } from "./environments.ts";

export interface StartRow {
  readonly name: string;
  /** From the start of the process to the first answer. */
  readonly ms: number;
  /** Peak resident memory, in MB. */
  readonly memoryMb: number;
  /** Times as long as ChatOpenAI. */
  readonly ratio: number;
  /** Times as much memory as ChatOpenAI. */
  readonly memoryRatio: number;
}

export interface StartResult {
  /** Orchestra with its defaults over ChatOpenAI. */
  readonly ratio: number;
  readonly memoryRatio: number;
  readonly rounds: number;
  readonly rows: readonly StartRow[];
}

interface Program {
  readonly name: string;
  readonly file: string;
  readonly given: readonly string[];
}

const chatOpenAI: Program = { name: "ChatOpenAI", file: "chat-openai.mjs", given: [] };
const orchestra: Program = { name: "Orchestra", file: "orchestra.mjs", given: ["info"] };
const programs: readonly Program[] = [
  { name: "fetch", file: "fetch.mjs", given: [] },
  chatOpenAI,
  orchestra,
  { name: "Orchestra, without log", file: "orchestra.mjs", given: ["silent"] },
];

/** What fresh processes take until their first answer. */
export async function benchStart({ quick }: { readonly quick: boolean }): Promise<StartResult> {
  await buildCore();
  await using server = await startChild<{ url: string }>("completions.ts");
  const given = [`${server.address.url}/short`, key, benchModel];
  const run = ({ file, given: own }: Program) => runProgram(file, [...given, ...own]);

  const starts = new Map<Program, Start[]>(programs.map((program) => [program, []]));
  const rounds = quick ? 7 : 21;
  // The first run of each reads its files from the disk.
  for (const program of programs) await run(program);
  for (let round = 0; round < rounds; round += 1) {
    // Each round in the other order.
    for (const program of round % 2 === 0 ? programs : programs.toReversed()) {
      starts.get(program)?.push(await run(program));
    }
  }

  const of = (program: Program, figure: keyof Start) =>
    (starts.get(program) ?? []).map((start) => start[figure]);
  const rowOf = (program: Program): StartRow => ({
    name: program.name,
    ms: median(of(program, "ms")),
    memoryMb: median(of(program, "memoryMb")),
    ratio: medianRatio(of(program, "ms"), of(chatOpenAI, "ms")),
    memoryRatio: medianRatio(of(program, "memoryMb"), of(chatOpenAI, "memoryMb")),
  });
  const { ratio, memoryRatio } = rowOf(orchestra);
  return { ratio, memoryRatio, rounds, rows: programs.map(rowOf) };
}
