import type { RunnableConfig } from "@langchain/core/runnables";
import { MemorySaver, type BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { threeSteps, type Step } from "../pipelines.ts";
import { inProcess } from "./in-process.ts";
import type { Peer, PeerOptions, Role } from "./peer.ts";

/** The same graph, with LangGraph's own checkpoints on PostgreSQL, and nothing else. */
export async function openLangGraph(options: PeerOptions): Promise<Peer> {
  const saver = PostgresSaver.fromConnString(options.databaseUrl);
  await saver.setup();
  return openGraph(options, saver, () => saver.end());
}

/** The same graph without a database: no way to execute it can be faster. */
export async function openLangGraphInMemory(options: PeerOptions): Promise<Peer> {
  return openGraph(options, new MemorySaver(), async () => undefined);
}

function openGraph(
  { ask, onBegin }: PeerOptions,
  saver: BaseCheckpointSaver,
  close: () => Promise<void>,
): Peer {
  const step =
    (role: Role): Step =>
    (text, config) => {
      onBegin(threadOf(config));
      return ask(role, text, config);
    };
  const graph = threeSteps(step("researcher"), step("validator"), step("executor"), saver);
  return inProcess(
    ({ id, text }) =>
      graph.invoke({ text }, { configurable: { thread_id: id }, durability: "sync" }),
    close,
  );
}

function threadOf({ configurable }: RunnableConfig): string {
  return String(configurable?.["thread_id"]);
}
