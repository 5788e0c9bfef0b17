import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { z } from "zod";
import type { Deliverable, Findings, ResearchTask, Review } from "../agents/index.ts";
import { expected } from "../errors/explain-issue.ts";
import { wholeFrom, withMethods } from "../input/schemas.ts";
import { stepSchema, type OutputOf, type Step, type StepFunction } from "./step.ts";
import type { Check, CheckEach, NotGiven, Sound, StepProblem } from "./wiring.ts";

/** Each revision calls two models; a validator that never approves would have unlimited cost. */
const mostRevisions = 100;

interface Shared {
  /** How often the Validator may send the findings back, at most 100. @defaultValue `2` */
  readonly maxRevisions?: number;
  /** Stores the state after each step, so that a run can continue after it has stopped. @defaultValue none */
  readonly checkpointer?: BaseCheckpointSaver;
  /**
   * Whether every run waits for a person between validation and execution. It needs a checkpointer.
   *
   * @defaultValue `false`; `approval` in `configurable` sets it for one run
   */
  readonly approval?: boolean;
}

/** The options of {@link researchValidateExecute}. A step is an agent, another runnable or a function. */
export interface ResearchValidateExecuteOptions extends Shared {
  /** Finds claims. Several, in a list, research at the same time, and `join` joins their findings. */
  readonly researcher: Step<ResearchTask, Findings> | readonly Step<ResearchTask, Findings>[];
  /** Joins the findings of several researchers. @defaultValue `joinFindings`: all claims, each once */
  readonly join?: Step<readonly Findings[], Findings>;
  readonly validator: Step<Findings, Review>;
  readonly executor: Step<Review, Deliverable>;
  /** Additional steps, each a node of the graph. @defaultValue none */
  readonly after?: {
    /** Between research and validation, in every round. */
    readonly research?: Step<Findings, Findings>;
    /** After validation, in every round; its verdict counts. */
    readonly validate?: Step<Review, Review>;
    /** After execution. */
    readonly execute?: Step<Deliverable, Deliverable>;
  };
}

export const optionsSchema = z.strictObject({
  researcher: z.union([stepSchema, z.array(stepSchema).min(1)], {
    error: expected("an agent, another runnable or a function, or a list of them"),
  }),
  join: stepSchema.optional(),
  validator: stepSchema,
  executor: stepSchema,
  after: z
    .strictObject({
      research: stepSchema.optional(),
      validate: stepSchema.optional(),
      execute: stepSchema.optional(),
    })
    .optional(),
  maxRevisions: wholeFrom(0).max(mostRevisions, `must be at most ${mostRevisions}`).optional(),
  checkpointer: withMethods("a checkpointer", "getTuple", "put", "putWrites").optional(),
  approval: z.boolean().optional(),
} satisfies Record<keyof ResearchValidateExecuteOptions, z.ZodType>);

/*
 * The same for the compiler: each step's type is inferred, and compared with the step before it.
 */

/**
 * The constraint of a step's type. Every step is an `object`; the function type is needed for functions whose
 * parameter has no type annotation.
 */
export type Takes<Input, Output> = StepFunction<Input, Output> | object;

/** The output of research, before and after the additional step. */
export type Found<R, J> = R extends readonly unknown[] ? Given<J, Findings> : Given<R, Findings>;
export type Researched<R, J, AR> = Then<AR, Found<R, J>, Findings>;
/** The output of validation, before and after the additional step. */
export type Reviewed<V> = Given<V, Review>;
export type Approved<V, AV> = Then<AV, Reviewed<V>, Review>;

type Given<S, Needed> = NotGiven<S> extends true ? Needed : Sound<OutputOf<S>, Needed>;
type Then<After, Before, Needed> = NotGiven<After> extends true ? Before : Given<After, Needed>;
type NameOf<After, Name extends string> =
  NotGiven<After> extends true ? `'${Name}'` : `'after.${Name}'`;

/** The input of the join. */
export type FoundByAll<R> =
  NotGiven<R> extends true
    ? readonly Findings[]
    : R extends readonly (infer S)[]
      ? readonly Given<S, Findings>[]
      : Given<R, Findings>;

/** The options, with a check of each step. */
export interface Wiring<R, J, V, E, AR, AV, AE> extends Shared {
  readonly researcher: R &
    CheckEach<R, "research", "the run", ResearchTask, "Step 'validate'", Findings>;
  readonly join?: J &
    Check<StepProblem<J, "join", "'research'", FoundByAll<R>, "Step 'validate'", Findings>>;
  readonly validator: V &
    Check<
      StepProblem<
        V,
        "validate",
        NameOf<AR, "research">,
        Researched<R, J, AR>,
        "Step 'execute'",
        Review
      >
    >;
  readonly executor: E &
    Check<
      StepProblem<E, "execute", NameOf<AV, "validate">, Approved<V, AV>, "The run", Deliverable>
    >;
  readonly after?: {
    readonly research?: AR &
      Check<
        StepProblem<AR, "after.research", "'research'", Found<R, J>, "Step 'validate'", Findings>
      >;
    readonly validate?: AV &
      Check<StepProblem<AV, "after.validate", "'validate'", Reviewed<V>, "Step 'execute'", Review>>;
    readonly execute?: AE &
      Check<StepProblem<AE, "after.execute", "'execute'", Deliverable, "The run", Deliverable>>;
  };
}
