import type { RunnableConfig } from "@langchain/core/runnables";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { threeSteps, type Step } from "../pipelines.ts";
import { inProcess } from "./in-process.ts";
import type { Peer, PeerOptions, Role } from "./peer.ts";

/** The same graph, with LangGraph's own checkpoints on PostgreSQL, and nothing else. */
export async function openLangGraph({ databaseUrl, ask, onBegin }: PeerOptions): Promise<Peer> {
  const saver = PostgresSaver.fromConnString(databaseUrl);
  await saver.setup();
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
    () => saver.end(),
  );
}

function threadOf({ configurable }: RunnableConfig): string {
  return String(configurable?.["thread_id"]);
}
