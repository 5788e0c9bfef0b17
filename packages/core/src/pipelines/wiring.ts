import type { Deliverable, Findings, Review } from "../agents/index.ts";
import type { InputOf, OutputOf } from "./step.ts";

/*
 * Types that say in words which steps of a pipeline do not fit together. A step that fits has the check
 * `unknown`; another has a text such as "Step 'validate' takes { score: number } but 'research' gives no
 * 'score'", to which no step can be assigned, and which the compiler therefore shows.
 */

/** The check of a step: that it is one, takes what it is given, and gives what comes next needs. */
export type Check<S, Problems> = [Problems] extends [never]
  ? unknown
  : S extends readonly unknown[]
    ? readonly Problems[]
    : Problems;

/** What is wrong with a step; `never` where it fits. */
export type StepProblem<
  S,
  Name extends string,
  By extends string,
  Given,
  Taker extends string,
  Needed,
> = S extends readonly (infer One)[]
  ? StepProblem<One, Name, By, Given, Taker, Needed>
  : NotGiven<S> extends true
    ? never
    : S extends Invocable
      ? First<
          Problem<`Step '${Name}'`, InputOf<S>, By, Given>,
          Problem<Taker, Needed, `'${Name}'`, OutputOf<S>>
        >
      : `Step '${Name}' is ${Shape<S>}: expected an agent, another runnable or a function`;

/** The type parameter of a step that is not there, or not known yet, is its constraint. */
export type NotGiven<S> = object extends S ? true : false;

/** What a step gives; where that is wrong, which is said at that step, what it should give. */
export type Sound<Output, Needed> = [Output] extends [Needed] ? Output : Needed;

type Invocable = { invoke(...args: never[]): unknown } | ((...args: never[]) => unknown);

type First<A, B> = [A] extends [never] ? B : A;

type Problem<Taker extends string, Wanted, By extends string, Given> = [Given] extends [Wanted]
  ? never
  : [Given, Wanted] extends [Fields, Fields]
    ? FieldProblem<Taker, Wanted, By, Given>
    : Mismatch<Taker, Wanted, By, Given>;

type Mismatch<
  Taker extends string,
  Wanted,
  By extends string,
  Given,
> = `${Taker} takes ${Shape<Wanted>} but ${By} gives ${Shape<Given>}`;

type FieldProblem<Taker extends string, Wanted, By extends string, Given> = {
  [Field in keyof Wanted & string]-?: Field extends keyof Given
    ? [Pick<Given, Field>] extends [Pick<Wanted, Field>]
      ? never
      : `${Taker} takes { ${Field}: ${Shape<Wanted[Field]>} } but ${By} gives ${OtherField<Field, Wanted[Field], Given[Field]>}`
    : [{}] extends [Pick<Wanted, Field>]
      ? never
      : `${Taker} takes { ${Field}: ${Shape<Wanted[Field]>} } but ${By} gives no '${Field}'`;
}[keyof Wanted & string];

type OtherField<Field extends string, Wanted, Given> =
  Shape<Wanted> extends Shape<Given>
    ? `another type of '${Field}'`
    : `{ ${Field}: ${Shape<Given>} }`;

/** An object whose fields are compared, as opposed to a list or a text. */
type Fields = object & { readonly length?: never };

/** A type in a few words: TypeScript cannot make a text of a type. */
type Shape<T> = 0 extends 1 & T
  ? "any"
  : [T] extends [never]
    ? "nothing"
    : [T] extends [void | null | undefined]
      ? "nothing"
      : [T] extends [Review]
        ? "{ task, claims, openQuestions, verdict, issues, confidence }"
        : [T] extends [Findings]
          ? "{ task, claims, openQuestions }"
          : [T] extends [Deliverable]
            ? "{ task, text, citations }"
            : [T] extends [readonly (infer Item)[]]
              ? `a list of ${Shape<Item>}`
              : Kind<T>;

type Kind<T> = [T] extends [string | undefined]
  ? "string"
  : [T] extends [number | undefined]
    ? "number"
    : [T] extends [boolean | undefined]
      ? "boolean"
      : [T] extends [((...args: never) => unknown) | undefined]
        ? "function"
        : [T] extends [object | undefined]
          ? "object"
          : "several types";
