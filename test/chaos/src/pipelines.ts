import { tool } from "@langchain/core/tools";
import { HumanMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda, type RunnableConfig } from "@langchain/core/runnables";
import type { Orchestra, RoleModel } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { createAgent } from "langchain";
import { z } from "zod";
import { problemOf, type Fact } from "./facts.ts";

/** The result of a pipeline. */
export interface Answer {
  readonly text: string;
  /** Absent for pipelines without citations. */
  readonly citations?: readonly {
    readonly path: string;
    readonly line: number;
    readonly quote: string;
  }[];
  /** Whether the finish reason marks the answer as incomplete. */
  readonly isAnnouncedPartial?: boolean;
}

/** The orchestras of the pipelines. All use the same servers. */
export interface Stage {
  /** Its answers have a schema, so that text is an error. */
  readonly agents: Orchestra;
  /** Its answers are text; a broken stream is an error. */
  readonly text: Orchestra;
  /** The same, but a broken stream is restarted, with a `restart` chunk. */
  readonly restarting: Orchestra;
  /** If a request is slow, a second one is sent (hedge). */
  readonly hedged: Orchestra;
  /** Identical calls in flight are sent once. */
  readonly coalescing: Orchestra;
  /** Portkey's gateway makes the fallbacks, not the client. */
  readonly gateway: Orchestra;
  /** Its account has limits and budgets, which its pipelines share. */
  readonly limited: Orchestra;
  /** It has a user's policies: one starts second attempts, and one repeats requests within an attempt. */
  readonly own: Orchestra;
  /** One for each dialect of the sandbox. */
  readonly dialects: readonly Orchestra[];
}

type Pipeline = (stage: Stage, fact: Fact, config: RunnableConfig) => Promise<Answer>;

function searchIn({ path, line, passage }: Fact) {
  return tool(() => JSON.stringify({ passages: [{ path, line, text: passage }] }), {
    name: "search",
    description: "Searches the archive",
    schema: z.object({ query: z.string() }),
  });
}

function agentsOf({ agents, text }: Stage, fact: Fact) {
  const sources = {
    locate: ({ path, line, quote }: { path: string; line: number; quote: string }) =>
      path === fact.path && fact.passage.includes(quote) ? { path, line } : undefined,
  };
  return {
    researcher: agents.researcher({ tools: [searchIn(fact)] }),
    validator: agents.validator({ sources }),
    // It writes text, so a wrong text could not be distinguished from an answer.
    executor: text.executor(),
  };
}

/** The graph, with `invoke()`. */
const graph: Pipeline = async (stage, fact, config) => {
  const state = await researchValidateExecute(agentsOf(stage, fact)).invoke(
    { task: fact.question },
    config,
  );
  if (state.status !== "succeeded") throw new RejectedError(state.answer);
  return { text: state.answer, citations: state.citations };
};

/** The graph, with `stream()`. */
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

/** The agents as a chain, with `pipe()`. */
const chain: Pipeline = async (stage, fact, config) => {
  const { researcher, validator, executor } = agentsOf(stage, fact);
  return researcher.pipe(validator).pipe(executor).invoke({ task: fact.question }, config);
};

/** Three prompts without agents. Each one gets the answer of the one before. */
const prompts =
  (select: (stage: Stage, fact: Fact) => Orchestra): Pipeline =>
  async (stage, fact, config) => {
    const { model } = select(stage, fact);
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

/** The same, with a stream for each step. */
const live =
  (on: "text" | "restarting" | "own"): Pipeline =>
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

/** Three structured answers, by LangChain's `withStructuredOutput()`. */
const structured: Pipeline = async ({ agents: { model } }, fact, config) => {
  const shaped = model.withStructuredOutput(z.object({ text: z.string().min(1) }));
  let text = fact.passage;
  for (const _ of "123") {
    ({ text } = await shaped.invoke(`# Task\n\n${fact.question}\n\n# Archive\n\n${text}`, config));
  }
  return { text };
};

/** An agent of LangChain: it calls two tools, one of them without parameters, then answers. */
const toolLoop: Pipeline = async (stage, fact, config) => {
  const keeper = tool(() => '{"passages":[]}', {
    name: "list_keepers",
    description: "Lists the keepers of the lighthouses",
    schema: z.object({}),
  });
  const agent = createAgent({
    model: stage.text.modelFor("keeper"),
    tools: [searchIn(fact), keeper],
  });
  // LangGraph does not remove its listener from the signal of a run, so each run gets its own signal.
  const run = new AbortController();
  const abort = () => run.abort(config.signal?.reason);
  config.signal?.addEventListener("abort", abort, { once: true });
  const own = { ...config, signal: run.signal };
  const { messages } = await agent
    .invoke({ messages: [new HumanMessage(fact.question)] }, own)
    .finally(() => config.signal?.removeEventListener("abort", abort));
  const last = messages.at(-1);
  // The sandbox's model adds its source in brackets.
  const text = last?.text.replace(/ \([^()]+\.md:\d+\)/, "") ?? "";
  return { text, isAnnouncedPartial: last ? isPartialBy(last) : false };
};

/** The same question three times in one batch. */
const batch: Pipeline = async ({ text: { model } }, fact, config) => {
  const answers = await model.batch(
    ["1", "2", "3"].map((number) => promptOf(fact, number)),
    config,
  );
  return worstOf(answers, fact);
};

/** Three identical concurrent calls, of which one is sent. */
const coalesced: Pipeline = async ({ coalescing: { model } }, fact, config) => {
  const prompt = promptOf(fact, "1");
  return worstOf(await Promise.all(["1", "2", "3"].map(() => model.invoke(prompt, config))), fact);
};

function promptOf({ question, passage }: Fact, number: string): string {
  return `# Task\n\n${question}\n\n# Archive ${number}\n\n${passage}`;
}

/** Returns the first wrong answer of several, if there is one. */
function worstOf(answers: readonly Awaited<ReturnType<RoleModel["invoke"]>>[], fact: Fact): Answer {
  const worst = answers.find(({ text }) => problemOf(text, fact) !== undefined) ?? answers[0];
  if (!worst) throw new Error("A batch of three came back empty");
  return { text: worst.text, isAnnouncedPartial: isPartialBy(worst) };
}

/** The dialect for a fact. */
function dialectOf({ dialects, text }: Stage, { number }: Fact): Orchestra {
  return dialects[Number(number) % dialects.length] ?? text;
}

export const pipelines = {
  graph,
  "streamed graph": streamedGraph,
  "agent chain": chain,
  prompts: prompts(({ text }) => text),
  "prompts, hedged": prompts(({ hedged }) => hedged),
  "prompts, gateway mode": prompts(({ gateway }) => gateway),
  "prompts, limited account": prompts(({ limited }) => limited),
  "prompts, own policies": prompts(({ own }) => own),
  "prompts, dialects": prompts(dialectOf),
  "tool loop": toolLoop,
  batch,
  coalesced,
  structured,
  "live streams": live("text"),
  "live streams, restarting": live("restarting"),
  "live streams, own policies": live("own"),
} as const satisfies Record<string, Pipeline>;

export type PipelineKind = keyof typeof pipelines;

export const pipelineKinds = Object.keys(pipelines) as PipelineKind[];

/** The validator did not approve the findings. */
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
