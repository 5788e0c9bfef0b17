import { randomUUID } from "node:crypto";
import type { RunnableConfig } from "@langchain/core/runnables";
import { Annotation, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { OrchestraError } from "@orchestra/core";
import {
  definePipeline,
  type ForkOptions,
  type Pipeline,
  type PipelineContext,
} from "@orchestra/runtime";
import { researching } from "./researching.ts";

/** A kind of run, and its expected result. */
export interface Shape {
  readonly pipeline: Pipeline;
  readonly input: unknown;
  /** How it is started. @defaultValue by `start()` */
  readonly begins?: "by a schedule";
  /** If set, it is a fork of an ended run of the same pipeline. */
  readonly fork?: Fork;
  /** What is done with it when it has ended for the first time. */
  readonly afterwards?: "retry";
  /** Number of different calls. */
  readonly calls: number;
  /** Number of effects on the external system. */
  readonly effects: number;
  /** Returns what is wrong with its output. @param origin - The output of the run that it was forked from. */
  readonly problemOf: (output: never, origin: never) => string | undefined;
}

interface Fork extends Required<Pick<ForkOptions, "from" | "input">> {
  /** The questions of the origin before that step. The fork has their answers, and must not ask them again. */
  readonly asked: readonly string[];
}

const fact = "It was built in 1871.";
const prompt = (question: string): string => `# Question\n${question}\n\n# Material\n${fact}`;
const isRight = (said: string): boolean => said.includes("1871");

const Drawn = Annotation.Root({
  said: Annotation<string>,
  /** Different in each execution, so that the results of two executions can be distinguished. */
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

const questions = ["How high is it?", "Who built it?"] as const;

/** Two calls in the second step: a fork can begin between them. */
const forked = definePipeline({
  name: "fork",
  create: (context) =>
    new StateGraph(Drawn)
      .addNode("draw", draw(context))
      .addNode("ask", async (_, config) => {
        const texts: string[] = [];
        for (const question of questions) {
          const { text } = await context.orchestra.model.invoke(prompt(question), config);
          texts.push(text);
        }
        return { turns: texts };
      })
      .addNode("tell", tell)
      .addEdge(START, "draw")
      .addEdge("draw", "ask")
      .addEdge("ask", "tell")
      .addEdge("tell", END)
      .compile({ checkpointer: context.checkpointer }),
});

function forkProblem(state: Drawn, origin: Drawn): string | undefined {
  if (state.drawn !== origin.drawn) return `it drew ${state.drawn}, and its origin ${origin.drawn}`;
  if (state.answer !== "forked") return `its input was ${state.answer}`;
  if (state.turns.length !== questions.length) return `its turns were ${state.turns.join(", ")}`;
  return toldProblem(state);
}

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

export const shapeNames = [
  "plain",
  "roles",
  "revise",
  "loop",
  "parallel",
  "approval",
  "quota",
  "retry",
  "fork",
  "schedule",
] as const;
export type ShapeName = (typeof shapeNames)[number];

const task = { task: "When was the lighthouse of Vell built?" };

interface Researched {
  readonly answer: string;
  readonly revisions: number;
}

const answerProblem = (answer: string): string | undefined =>
  isRight(answer) ? undefined : `it answered ${answer}`;

/** @param worldUrl - URL of the external system, which counts the effects of a run. */
export function shapes(worldUrl: string): Readonly<Record<ShapeName, Shape>> {
  return {
    plain: {
      pipeline: drawing("plain"),
      input: {},
      calls: 1,
      effects: 0,
      problemOf: toldProblem,
    },
    roles: {
      pipeline: researching("roles", worldUrl, 0),
      input: task,
      calls: 4,
      effects: 1,
      problemOf: ({ answer }: Researched) => answerProblem(answer),
    },
    revise: {
      pipeline: researching("revise", worldUrl, 1),
      input: task,
      calls: 6,
      effects: 1,
      problemOf: ({ answer, revisions }: Researched) =>
        revisions === 1 ? answerProblem(answer) : `it was revised ${revisions} times`,
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
    fork: {
      pipeline: forked,
      input: {},
      fork: {
        from: "ask:2",
        input: { answer: "forked" },
        asked: ["When was it built?", questions[0]],
      },
      calls: 1,
      effects: 0,
      problemOf: forkProblem,
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
