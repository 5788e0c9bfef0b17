import { tool } from "@langchain/core/tools";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda, type RunnableConfig } from "@langchain/core/runnables";
import type { Orchestra, RoleModel } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { z } from "zod";
import type { Fact } from "./facts.ts";

/** What a pipeline says in the end. */
export interface Answer {
  readonly text: string;
  /** Absent where the pipeline cites nothing. */
  readonly citations?: readonly {
    readonly path: string;
    readonly line: number;
    readonly quote: string;
  }[];
  /** Whether the answer itself says that it is not whole, by its finish reason. */
  readonly isAnnouncedPartial?: boolean;
}

/** The orchestras that pipelines run on; they share the servers. */
export interface Stage {
  /** Its answers have a form, so that prose is an error. */
  readonly agents: Orchestra;
  /** Its answers are prose; a live stream that breaks is an error. */
  readonly text: Orchestra;
  /** The same, but a live stream that breaks begins anew, announced. */
  readonly restarting: Orchestra;
}

type Pipeline = (stage: Stage, fact: Fact, config: RunnableConfig) => Promise<Answer>;

function searchIn({ path, line, passage }: Fact) {
  return tool(() => JSON.stringify({ passages: [{ path, line, text: passage }] }), {
    name: "search",
    description: "Searches the archive",
    schema: z.object({ query: z.string() }),
  });
}

function agentsOf({ agents }: Stage, fact: Fact) {
  const sources = {
    locate: ({ path, line, quote }: { path: string; line: number; quote: string }) =>
      path === fact.path && fact.passage.includes(quote) ? { path, line } : undefined,
  };
  return {
    researcher: agents.researcher({ tools: [searchIn(fact)] }),
    validator: agents.validator({ sources }),
    executor: agents.executor(),
  };
}

/** The graph, answered at once. */
const graph: Pipeline = async (stage, fact, config) => {
  const state = await researchValidateExecute(agentsOf(stage, fact)).invoke(
    { task: fact.question },
    config,
  );
  if (state.status !== "succeeded") throw new RejectedError(state.answer);
  return { text: state.answer, citations: state.citations };
};

/** The graph, streamed. */
const streamedGraph: Pipeline = async (stage, fact, config) => {
  const stream = await researchValidateExecute(agentsOf(stage, fact)).stream(
    { task: fact.question },
    { ...config, streamMode: ["values", "custom"] },
  );
  let answer: Answer | undefined;
  let rejection = "";
  for await (const [mode, state] of stream) {
    if (mode !== "values" || state.status === undefined) continue;
    if (state.status === "rejected") rejection = state.answer;
    else answer = { text: state.answer, citations: state.citations };
  }
  if (!answer) throw new RejectedError(rejection);
  return answer;
};

/** The agents as a plain LCEL chain. */
const chain: Pipeline = async (stage, fact, config) => {
  const { researcher, validator, executor } = agentsOf(stage, fact);
  return researcher.pipe(validator).pipe(executor).invoke({ task: fact.question }, config);
};

/** Three prompts without agents; each reads what the one before has written. */
const prompts: Pipeline = async ({ text: { model } }, fact, config) => {
  let isPartial = false;
  const watch = RunnableLambda.from((message: Awaited<ReturnType<RoleModel["invoke"]>>) => {
    isPartial ||= isPartialBy(message);
    return message;
  });
  const step = ChatPromptTemplate.fromTemplate("# Task\n\n{question}\n\n# Archive\n\n{archive}")
    .pipe(model)
    .pipe(watch)
    .pipe(new StringOutputParser());
  const carry = RunnableLambda.from((archive: string) => ({ question: fact.question, archive }));
  const text = await step
    .pipe(carry)
    .pipe(step)
    .pipe(carry)
    .pipe(step)
    .invoke({ question: fact.question, archive: fact.passage }, config);
  return { text, isAnnouncedPartial: isPartial };
};

/** The same, each step a live stream. */
const live =
  (on: "text" | "restarting"): Pipeline =>
  async (stage, fact, config) => {
    let text = fact.passage;
    let isAnnouncedPartial = false;
    for (const _ of "123") {
      const prompt = `# Task\n\n${fact.question}\n\n# Archive\n\n${text}`;
      text = "";
      for await (const chunk of await stage[on].model.stream(prompt, config)) {
        if (chunk.response_metadata["restart"] !== undefined) text = "";
        isAnnouncedPartial ||= isPartialBy(chunk);
        text += chunk.text;
      }
    }
    return { text, isAnnouncedPartial };
  };

/** Three answers in a schema's form, by LangChain's own method. */
const structured: Pipeline = async ({ agents: { model } }, fact, config) => {
  const shaped = model.withStructuredOutput(z.object({ text: z.string().min(1) }));
  let text = fact.passage;
  for (const _ of "123") {
    ({ text } = await shaped.invoke(`# Task\n\n${fact.question}\n\n# Archive\n\n${text}`, config));
  }
  return { text };
};

export const pipelines = {
  graph,
  "streamed graph": streamedGraph,
  "agent chain": chain,
  prompts,
  structured,
  "live streams": live("text"),
  "live streams, restarting": live("restarting"),
} as const satisfies Record<string, Pipeline>;

export type PipelineKind = keyof typeof pipelines;

export const pipelineKinds = Object.keys(pipelines) as PipelineKind[];

/** The graph's own honest "no": the validator did not approve. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";
}

function isPartialBy({
  response_metadata: { finish_reason },
}: {
  readonly response_metadata: Record<string, unknown>;
}): boolean {
  return finish_reason === "length" || finish_reason === "content_filter";
}
