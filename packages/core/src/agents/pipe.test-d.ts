import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda, RunnablePassthrough } from "@langchain/core/runnables";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import type { Orchestra } from "../orchestra.ts";
import type { Agent } from "./agent.ts";
import type { AgentChain, NextStep } from "./agent-chain.ts";
import type { PipelineState, ResearchValidateExecute } from "../pipelines/index.ts";
import type { Deliverable, Findings, ResearchTask, Review } from "./index.ts";

declare const orchestra: Orchestra;
const researcher = orchestra.researcher();
const validator = orchestra.validator();
const executor = orchestra.executor();
const poet = orchestra.agent({ name: "poet", system: "You write haiku." });

// The right order, with functions and other runnables in between.
const chain = researcher.pipe(validator).pipe(executor);
expectTypeOf(chain).toEqualTypeOf<AgentChain<ResearchTask, Deliverable>>();
expectTypeOf(researcher.pipe(validator).pipe(validator)).toExtend<
  AgentChain<ResearchTask, Review>
>();
const joined = researcher
  .pipe((found) => {
    expectTypeOf(found).toEqualTypeOf<Findings>();
    return { ...found, openQuestions: [] };
  })
  .pipe(validator);
expectTypeOf(joined).toEqualTypeOf<AgentChain<ResearchTask, Review>>();
chain.pipe(new RunnablePassthrough<Deliverable>());
chain.pipe(RunnableLambda.from(({ text }: { text: string }) => text)).pipe(poet);
chain.pipe({ whole: new RunnablePassthrough<Deliverable>(), length: ({ text }) => text.length });
chain.pipe(ChatPromptTemplate.fromMessages<{ text: string }>([["human", "{text}"]]));
poet.pipe(new StringOutputParser()).pipe(poet);
poet.pipe((text) => ({ task: text })).pipe(researcher);
const generic = <T>(ends: Agent<T, Findings>, begins: Agent<Findings, T>) =>
  begins.pipe(ends).pipe(begins);
expectTypeOf(generic<string>).returns.toEqualTypeOf<AgentChain<Findings, string>>();

// A graph returns its state.
declare const graph: ResearchValidateExecute;
const planner = orchestra.agent({
  name: "planner",
  system: "You plan.",
  output: z.object({ task: z.string() }),
});
expectTypeOf(planner.pipe(graph)).toEqualTypeOf<AgentChain<string, PipelineState>>();
expectTypeOf(planner.pipe(({ task }) => ({ task })).pipe(graph)).toEqualTypeOf<
  AgentChain<string, PipelineState>
>();

// The compiler's message for a wrong order.
expectTypeOf<
  NextStep<string, Findings, typeof researcher>
>().toEqualTypeOf<"The next step takes object but this one gives string">();
expectTypeOf<
  NextStep<Findings, Review, Agent<{ score: number }, Review>>
>().toEqualTypeOf<"The next step takes { score: number } but this one does not provide 'score'">();

// Wrong orders.
// @ts-expect-error A researcher returns no verdict.
researcher.pipe(executor);
// @ts-expect-error A review is not a task.
validator.pipe(researcher);
// @ts-expect-error Findings are not a task.
researcher.pipe(researcher);
// @ts-expect-error A deliverable has no claims.
executor.pipe(validator);
// @ts-expect-error A deliverable is not a review.
executor.pipe(executor);
// @ts-expect-error A deliverable is not a task.
executor.pipe(researcher);
// @ts-expect-error The same after a chain.
researcher.pipe(validator).pipe(researcher);
// @ts-expect-error A text is not a task.
poet.pipe(researcher);
// @ts-expect-error A graph that takes a task.
poet.pipe(graph);
// @ts-expect-error Findings are not a text.
researcher.pipe(poet);
// @ts-expect-error A function that needs more than it gets.
researcher.pipe((review: Review) => review.verdict);
// @ts-expect-error A runnable that needs more than it gets.
researcher.pipe(RunnableLambda.from((review: Review) => review.verdict));
