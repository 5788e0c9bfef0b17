import { HumanMessage } from "@langchain/core/messages";
import { RunnableLambda, type RunnableConfig } from "@langchain/core/runnables";
import { Annotation, END, START, StateGraph, type BaseCheckpointSaver } from "@langchain/langgraph";
import type { Orchestra } from "@orchestra/core";
import { definePipeline } from "@orchestra/runtime";
import { maxTokens } from "../benches/clients.ts";

/** Steps of the graphs, and where they call models, calls. */
export const steps = 3;

const State = Annotation.Root({ text: Annotation<string> });
export type Step = (text: string, config: RunnableConfig) => string | Promise<string>;

/** A graph of three steps, one after the other; without a checkpointer its state is nowhere but in memory. */
export function threeSteps(
  research: Step,
  validate: Step,
  execute: Step,
  checkpointer: BaseCheckpointSaver | undefined,
) {
  const node =
    (step: Step) =>
    async ({ text }: typeof State.State, config: RunnableConfig) => ({
      text: await step(text, config),
    });
  return new StateGraph(State)
    .addNode("research", node(research))
    .addNode("validate", node(validate))
    .addNode("execute", node(execute))
    .addEdge(START, "research")
    .addEdge("research", "validate")
    .addEdge("validate", "execute")
    .addEdge("execute", END)
    .compile(checkpointer ? { checkpointer } : {});
}

/** Each step asks a model, and hands its answer on. */
function callingSteps(orchestra: Orchestra): readonly [Step, Step, Step] {
  const asking = (role: string): Step => {
    const model = orchestra.modelFor(role, { maxTokens });
    return async (text, config) => (await model.invoke([new HumanMessage(text)], config)).text;
  };
  return [asking("researcher"), asking("validator"), asking("executor")];
}

export function callingGraph(orchestra: Orchestra, checkpointer?: BaseCheckpointSaver) {
  return threeSteps(...callingSteps(orchestra), checkpointer);
}

/** The same steps one after the other in a function: their answers are kept, and no state between them. */
function callingFunction(orchestra: Orchestra) {
  const asks = callingSteps(orchestra);
  return RunnableLambda.from(async (input: { text: string }, config) => {
    let { text } = input;
    for (const ask of asks) text = await ask(text, config);
    return { text };
  });
}

const echo: Step = (text) => text;

/** Nothing but what it takes to keep three steps. */
function silentGraph(checkpointer: BaseCheckpointSaver) {
  return threeSteps(echo, echo, echo, checkpointer);
}

/** Returns when it began, by a clock that all processes of the machine share. */
const begun = RunnableLambda.from(() => ({ atNs: String(process.hrtime.bigint()) }));

export const pipelines = {
  calling: definePipeline({
    name: "calling",
    create: ({ orchestra, checkpointer }) => callingGraph(orchestra, checkpointer),
  }),
  function: definePipeline({
    name: "function",
    create: ({ orchestra }) => callingFunction(orchestra),
  }),
  silent: definePipeline({
    name: "silent",
    create: ({ checkpointer }) => silentGraph(checkpointer),
  }),
  begun: definePipeline({ name: "begun", create: () => begun }),
};
export type PipelineName = keyof typeof pipelines;

/** What a run of the graphs is given. */
export function inputOf(number: number): { readonly text: string } {
  return {
    text: `# Question\nHow long does lamp ${number} charge?\n\n# Material\nLamp ${number} charges in four hours.`,
  };
}
