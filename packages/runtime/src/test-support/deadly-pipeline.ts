import { existsSync } from "node:fs";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { definePipeline } from "../pipelines/index.ts";

const State = Annotation.Root({ unless: Annotation<string>, answer: Annotation<string> });

/** A pipeline that kills its worker process, unless there is a certain file. */
export const deadlyPipeline = definePipeline({
  name: "deadly",
  create: ({ checkpointer }) =>
    new StateGraph(State)
      .addNode("die", ({ unless }) => {
        if (!existsSync(unless)) process.kill(process.pid, "SIGKILL");
        return { answer: "alive" };
      })
      .addEdge(START, "die")
      .addEdge("die", END)
      .compile({ checkpointer }),
});
