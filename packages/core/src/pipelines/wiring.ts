import type { InputOf, Invocable, Problem, Shape } from "../agents/step-problem.ts";
import type { OutputOf } from "./step.ts";

/*
 * Types that describe in words which steps of a pipeline do not fit together. A step that fits has the check
 * `unknown`; another has a text such as "Step 'validate' takes { score: number } but 'research' does not
 * provide 'score'". No step can be assigned to that text, so the compiler shows it.
 */

/** The check of a step: that it is one, takes the input that it gets, and returns the input of the next step. */
export type Check<Problems> = [Problems] extends [never] ? unknown : Problems;

/** The check of one step or of a list of them: in a list, each step that does not fit has a problem. */
export type CheckEach<
  S,
  Name extends string,
  By extends string,
  Given,
  Taker extends string,
  Needed,
> = S extends readonly unknown[]
  ? { readonly [I in keyof S]: Check<StepProblem<S[I], Name, By, Given, Taker, Needed>> }
  : Check<StepProblem<S, Name, By, Given, Taker, Needed>>;

/** The problem of a step; `never` if it fits. */
export type StepProblem<
  S,
  Name extends string,
  By extends string,
  Given,
  Taker extends string,
  Needed,
> =
  NotGiven<S> extends true
    ? never
    : S extends Invocable
      ? First<
          Problem<`Step '${Name}'`, InputOf<S>, By, Given>,
          Problem<Taker, Needed, `'${Name}'`, OutputOf<S>>
        >
      : `Step '${Name}' is ${Shape<S>}: expected an agent, another runnable or a function`;

/** The type parameter of a step that is missing or not inferred yet is its constraint. */
export type NotGiven<S> = object extends S ? true : false;

/** The output of a step; if it is wrong, which is reported at that step, the required output. */
export type Sound<Output, Needed> = [Output] extends [Needed] ? Output : Needed;

type First<A, B> = [A] extends [never] ? B : A;
