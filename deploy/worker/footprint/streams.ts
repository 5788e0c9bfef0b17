/**
 * Measures runs whose answers stream for ten seconds: what each commits, and how much longer they take where
 * a commit takes 5 ms.
 *
 *     npx -y pnpm@12 --filter @orchestra/worker footprint:streams [runs]
 */
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { definePipeline, openRuntime } from "@orchestra/runtime";
import { startSandbox } from "@orchestra/sandbox";
import type { RunnableConfig } from "@langchain/core/runnables";
import { difference, readCounters, type Counters } from "./counters.ts";
import { startCountingServer } from "./server.ts";

const runs = Number(process.argv[2] ?? 40);
/** 400 pieces, 40 a second: ten seconds. */
const pieces = 400;
const latency = { betweenTokensMs: 25, chunkCharacters: 4 };
const said = "It is said that ";
const text = `${said}${"abc ".repeat(pieces).slice(0, pieces * latency.chunkCharacters - said.length - 1)}.`;
const nodes = ["one", "two", "three", "four"] as const;

const State = Annotation.Root({ said: Annotation<string> });

const streaming = definePipeline({
  name: "streaming",
  create: ({ orchestra, checkpointer }) => {
    const say = async (_: typeof State.State, config: RunnableConfig) => {
      let whole = "";
      for await (const { text: piece } of await orchestra.model.stream("Speak", config)) {
        whole += piece;
      }
      return { said: whole };
    };
    const [one, two, three, four] = nodes;
    return new StateGraph(State)
      .addNode(one, say)
      .addNode(two, say)
      .addNode(three, say)
      .addNode(four, say)
      .addEdge(START, one)
      .addEdge(one, two)
      .addEdge(two, three)
      .addEdge(three, four)
      .addEdge(four, END)
      .compile({ checkpointer });
  },
});

const fast = await measure([]);
// With `commit_siblings=0` every commit is delayed, also without other transactions.
const slow = await measure(["fsync=on", "commit_delay=5000", "commit_siblings=0"]);
report({ "as fast as it can": fast, "a commit takes 5 ms": slow });

/** @param settings - Of the PostgreSQL. */
async function measure(settings: readonly string[]): Promise<Counters> {
  await using server = await startCountingServer(settings);
  await using sandbox = await startSandbox({
    latency,
    keepBodies: false,
    fixtures: [{ match: { userMessage: "Speak" }, response: { content: text } }],
  });
  await using runtime = await openRuntime({
    pipelines: [streaming],
    environment: {
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "error",
      ...process.env,
      DATABASE_URL: server.url,
      OPENROUTER_API_KEY: "sk-or-v1-sandbox",
      OPENROUTER_BASE_URL: sandbox.url,
    },
  });
  await runtime.work({ concurrency: runs });
  // The first run makes connections and plans.
  await finish();
  const before = await readCounters(server.client);
  await Promise.all(Array.from({ length: runs }, finish));
  return difference(before, await readCounters(server.client));

  async function finish(): Promise<void> {
    const { id } = await runtime.start("streaming", {});
    const { status } = await runtime.wait(id);
    if (status !== "succeeded") throw new Error(`A run has ${status}`);
  }
}

function report(figures: Readonly<Record<string, Counters>>): void {
  const names = ["statements", "commits", "notices", "shown"] as const;
  const rows = Object.entries(figures).map(([name, counters]) => {
    const perRun = names.map((of) => (counters[of] / runs).toFixed(1));
    return `| ${[name, (counters.at / 1000).toFixed(1), ...perRun].join(" | ")} |`;
  });
  const lines = [
    `${runs} runs at once, of ${nodes.length} calls with ${pieces} pieces at ${1000 / latency.betweenTokensMs} a second:`,
    "",
    `| database | seconds | ${names.map((name) => `${name} a run`).join(" | ")} |`,
    `| --- | ---: | ${names.map(() => "---:").join(" | ")} |`,
    ...rows,
    "",
    `${(slow.at / fast.at).toFixed(3)} times as long.`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
