import {
  Annotation,
  Command,
  END,
  MemorySaver,
  Send,
  START,
  StateGraph,
  type CompiledStateGraph,
} from "@langchain/langgraph";
import { expect, test } from "vitest";
import { isLast } from "./is-last.ts";

const State = Annotation.Root({
  words: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});
const say = (word: string) => () => ({ words: [word] });
const build = () => new StateGraph(State).addNode("a", say("a")).addNode("b", say("b"));
type Compile = (checkpointer: MemorySaver) => unknown;

const graphs: Record<string, Compile> = {
  "one step after the other": (checkpointer) =>
    build().addEdge(START, "a").addEdge("a", "b").addEdge("b", END).compile({ checkpointer }),
  "a loop": (checkpointer) =>
    build()
      .addEdge(START, "a")
      .addEdge("a", "b")
      .addConditionalEdges("b", ({ words }) => (words.length < 6 ? "a" : END))
      .compile({ checkpointer }),
  "branches that join": (checkpointer) =>
    build()
      .addNode("long", say("long"))
      .addNode("join", say("join"))
      .addEdge(START, "a")
      .addEdge(START, "b")
      .addEdge("a", "long")
      .addEdge(["long", "b"], "join")
      .addEdge("join", END)
      .compile({ checkpointer }),
  "branches that end apart": (checkpointer) =>
    build()
      .addNode("long", say("long"))
      .addEdge(START, "a")
      .addEdge(START, "b")
      .addEdge("a", "long")
      .compile({ checkpointer }),
  "a step that waits for all others": (checkpointer) =>
    build()
      .addNode("long", say("long"))
      .addNode("join", say("join"), { defer: true })
      .addEdge(START, "a")
      .addEdge(START, "b")
      .addEdge("a", "long")
      .addEdge("long", "join")
      .addEdge("b", "join")
      .compile({ checkpointer }),
  "steps that are sent to": (checkpointer) =>
    build()
      .addEdge(START, "a")
      .addConditionalEdges("a", () => [new Send("b", {}), new Send("b", {})])
      .compile({ checkpointer }),
  "a step that names the next": (checkpointer) =>
    build()
      .addEdge("b", "a")
      .addNode("choose", () => new Command({ goto: "b", update: { words: ["choose"] } }), {
        ends: ["b"],
      })
      .addEdge(START, "choose")
      .compile({ checkpointer }),
  "a graph within": (checkpointer) =>
    build()
      .addNode("inner", build().addEdge(START, "a").addEdge("a", "b").compile())
      .addEdge(START, "inner")
      .addEdge("inner", "a")
      .addEdge("a", "b")
      .compile({ checkpointer }),
};

test.each(Object.entries(graphs))("only the end of %s is last", async (_, compile) => {
  const saver = new MemorySaver();
  const graph = compile(saver) as CompiledStateGraph<unknown, unknown, string>;
  const isEach: boolean[] = [];
  const put = saver.put.bind(saver);
  saver.put = (config, checkpoint, ...others) => {
    if (!config.configurable?.["checkpoint_ns"]) isEach.push(isLast(graph, checkpoint));
    return put(config, checkpoint, ...others);
  };
  await graph.invoke({ words: [] }, { configurable: { thread_id: "t" }, durability: "sync" });
  expect(isEach.length).toBeGreaterThan(2);
  expect(isEach).toEqual(isEach.map((__, index) => index === isEach.length - 1));
});
