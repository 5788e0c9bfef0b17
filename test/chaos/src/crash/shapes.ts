import { randomUUID } from "node:crypto";
import { tool } from "@langchain/core/tools";
import type { RunnableConfig } from "@langchain/core/runnables";
import { Annotation, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { idempotencyKeyOf, OrchestraError } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { definePipeline, type Pipeline, type PipelineContext } from "@orchestra/runtime";
import { z } from "zod";

/** A kind of run, and what must come of it. */
export interface Shape {
  readonly pipeline: Pipeline;
  readonly input: unknown;
  /** How it begins. @defaultValue `start` */
  readonly begins?: "by a schedule";
  /** What is done with it when it has ended for the first time. */
  readonly afterwards?: "retry";
  /** How many different calls it makes. */
  readonly calls: number;
  /** How often it changes the outside world. */
  readonly effects: number;
  /** Says what is wrong with its output. */
  readonly problemOf: (output: never) => string | undefined;
}

const fact = "It was built in 1871.";
const prompt = (question: string): string => `# Question\n${question}\n\n# Material\n${fact}`;
const isRight = (said: string): boolean => said.includes("1871");

const Drawn = Annotation.Root({
  said: Annotation<string>,
  /** Another one in each execution, so that what two of them computed cannot be taken for each other. */
  drawn: Annotation<string>,
  told: Annotation<string>,
  answer: Annotation<string>({ reducer: (_, given) => given, default: () => "" }),
  turns: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});
type Drawn = typeof Drawn.State;

const draw =
  ({ orchestra }: PipelineContext) =>
  async (_: Drawn, config: RunnableConfig) => {
    const { text } = await orchestra.model.invoke(prompt("When was it built?"), config);
    return { said: text, drawn: randomUUID() };
  };

const tell = ({ said, drawn, answer }: Drawn) => ({ told: `${drawn} ${answer} ${said}` });

const toldProblem = ({ said, drawn, told, answer }: Drawn): string | undefined => {
  if (!isRight(said)) return `it said ${said}`;
  return told === `${drawn} ${answer} ${said}` ? undefined : `it drew ${drawn} and told ${told}`;
};

/** A call, and a step after it. */
function drawing(name: string): Pipeline {
  return definePipeline({
    name,
    create: (context) =>
      new StateGraph(Drawn)
        .addNode("draw", draw(context))
        .addNode("tell", tell)
        .addEdge(START, "draw")
        .addEdge("draw", "tell")
        .addEdge("tell", END)
        .compile({ checkpointer: context.checkpointer }),
  });
}

const loop = definePipeline({
  name: "loop",
  create: (context) =>
    new StateGraph(Drawn)
      .addNode("draw", async (state, config) => {
        const { said, drawn } = await draw(context)(state, config);
        return { said, drawn, turns: [`draw ${drawn}`] };
      })
      .addNode("tell", (state) => ({ ...tell(state), turns: [`tell ${state.drawn}`] }))
      .addEdge(START, "draw")
      .addEdge("draw", "tell")
      .addConditionalEdges("tell", ({ turns }) => (turns.length < 4 ? "draw" : END))
      .compile({ checkpointer: context.checkpointer }),
});

const isPaired = (drew = "", told = "") => told === drew.replace("draw", "tell");

function loopProblem(state: Drawn): string | undefined {
  const [first, second, third, fourth, ...more] = state.turns;
  const isWhole = isPaired(first, second) && isPaired(third, fourth) && more.length === 0;
  return isWhole ? toldProblem(state) : `its turns were ${state.turns.join(", ")}`;
}

const Sides = Annotation.Root({
  left: Annotation<string>,
  right: Annotation<string>,
  both: Annotation<string>,
});

const parallel = definePipeline({
  name: "parallel",
  create: ({ orchestra, checkpointer }) => {
    const side = (key: "left" | "right") => async (_: unknown, config: RunnableConfig) => {
      const { text } = await orchestra.model.invoke(prompt(`When was the ${key} built?`), config);
      return { [key]: `${randomUUID()} ${text}` };
    };
    return new StateGraph(Sides)
      .addNode("on the left", side("left"))
      .addNode("on the right", side("right"))
      .addNode("join", ({ left, right }) => ({ both: `${left}, ${right}` }))
      .addEdge(START, "on the left")
      .addEdge(START, "on the right")
      .addEdge(["on the left", "on the right"], "join")
      .addEdge("join", END)
      .compile({ checkpointer });
  },
});

const approval = definePipeline({
  name: "approval",
  create: (context) =>
    new StateGraph(Drawn)
      .addNode("draw", draw(context))
      .addNode("ask", ({ drawn }) => ({ answer: String(interrupt({ drawn })) }))
      .addNode("tell", tell)
      .addEdge(START, "draw")
      .addEdge("draw", "ask")
      .addEdge("ask", "tell")
      .addEdge("tell", END)
      .compile({ checkpointer: context.checkpointer }),
});

class QuotaSpentError extends OrchestraError {
  override readonly name = "QuotaSpentError";
  readonly code = "quota_error";
  readonly retryAfterMs = 3_600_000;
}

/** Runs whose quota was spent once in this process. */
const spent = new Set<string>();

const quota = definePipeline({
  name: "quota",
  create: (context) =>
    new StateGraph(Drawn)
      .addNode("draw", draw(context))
      .addNode("spend", (_, { configurable }) => {
        const run = String(configurable?.["run_id"]);
        if (!spent.has(run)) {
          spent.add(run);
          throw new QuotaSpentError("The day is over");
        }
        return {};
      })
      .addNode("tell", tell)
      .addEdge(START, "draw")
      .addEdge("draw", "spend")
      .addEdge("spend", "tell")
      .addEdge("tell", END)
      .compile({ checkpointer: context.checkpointer }),
});

/** Research, validation, execution; its search changes something at the outside world. */
function roles(worldUrl: string): Pipeline {
  const search = tool(
    async ({ query }, config: RunnableConfig) => {
      const run = String(config.configurable?.["run_id"]);
      const response = await fetch(worldUrl, {
        method: "POST",
        headers: { "idempotency-key": idempotencyKeyOf(config) ?? "none" },
        body: JSON.stringify({ run, query }),
        ...(config.signal ? { signal: config.signal } : {}),
      });
      if (!response.ok) throw new Error(`The world answers ${response.status}`);
      const text = "The lighthouse of Vell was built in 1871.";
      return JSON.stringify({ passages: [{ path: "vell.md", line: 3, text }] });
    },
    {
      name: "search",
      description: "Searches the archive",
      schema: z.object({ query: z.string() }),
    },
  );
  return definePipeline({
    name: "roles",
    input: z.object({ task: z.string() }),
    create: ({ orchestra, checkpointer }) =>
      researchValidateExecute({
        researcher: orchestra.researcher({ tools: [search] }),
        validator: orchestra.validator(),
        executor: orchestra.executor(),
        checkpointer,
      }),
  });
}

export const shapeNames = [
  "roles",
  "loop",
  "parallel",
  "approval",
  "quota",
  "retry",
  "schedule",
] as const;
export type ShapeName = (typeof shapeNames)[number];

/** @param worldUrl - Where what a run changes outside is counted. */
export function shapes(worldUrl: string): Readonly<Record<ShapeName, Shape>> {
  return {
    roles: {
      pipeline: roles(worldUrl),
      input: { task: "When was the lighthouse of Vell built?" },
      calls: 4,
      effects: 1,
      problemOf: ({ answer }: { answer: string }) =>
        isRight(answer) ? undefined : `it answered ${answer}`,
    },
    loop: { pipeline: loop, input: {}, calls: 2, effects: 0, problemOf: loopProblem },
    parallel: {
      pipeline: parallel,
      input: {},
      calls: 2,
      effects: 0,
      problemOf: ({ left, right, both }: typeof Sides.State) =>
        both === `${left}, ${right}` ? undefined : `${left} and ${right} became ${both}`,
    },
    approval: {
      pipeline: approval,
      input: {},
      calls: 1,
      effects: 0,
      problemOf: (state: Drawn) =>
        state.answer === "yes" ? toldProblem(state) : `it was answered ${state.answer}`,
    },
    quota: { pipeline: quota, input: {}, calls: 1, effects: 0, problemOf: toldProblem },
    retry: {
      pipeline: drawing("retry"),
      input: {},
      afterwards: "retry",
      calls: 1,
      effects: 0,
      problemOf: toldProblem,
    },
    schedule: {
      pipeline: drawing("schedule"),
      input: {},
      begins: "by a schedule",
      calls: 1,
      effects: 0,
      problemOf: toldProblem,
    },
  };
}
