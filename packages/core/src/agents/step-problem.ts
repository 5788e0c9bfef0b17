import type { Deliverable } from "./roles/executor.ts";
import type { Findings } from "./roles/findings.ts";
import type { Review, Verdict } from "./roles/validator.ts";

/*
 * Types that describe in words why a step cannot follow another. They are text types, to which no step can be
 * assigned, so that the compiler prints them.
 */

/** A step that takes an input: an agent, another runnable or a function. */
export type Invocable = { invoke(...args: never[]): unknown } | ((...args: never[]) => unknown);

/** The input type of a step. */
export type InputOf<S> = S extends { invoke(input: infer Input, ...rest: never[]): unknown }
  ? Input
  : S extends (input: infer Input, ...rest: never[]) => unknown
    ? Input
    : never;

/** The problem of a step that takes `Wanted` and gets `Given`; `never` if they match. */
export type Problem<Taker extends string, Wanted, By extends string, Given> = [Given] extends [
  Wanted,
]
  ? never
  : [Given, Wanted] extends [Fields, Fields]
    ? FieldProblem<Taker, Wanted, By, Given>
    : `${Taker} takes ${Shape<Wanted>} but ${By} gives ${Shape<Given>}`;

/** The problems of the fields of an object, recursively; of a list, those of its items. */
type FieldProblem<
  Taker extends string,
  Wanted,
  By extends string,
  Given,
  Path extends string = "",
  Depth extends 1[] = [],
> = {
  [Field in keyof Wanted & string]-?: Field extends keyof Given
    ? [Pick<Given, Field>] extends [Pick<Wanted, Field>]
      ? never
      : ValueProblem<Taker, Wanted[Field], By, Given[Field], `${Path}${Field}`, Depth>
    : [{}] extends [Pick<Wanted, Field>]
      ? never
      : `${Taker} takes { ${Path}${Field}: ${Shape<Wanted[Field]>} } but ${By} does not provide '${Path}${Field}'`;
}[keyof Wanted & string];

type ValueProblem<
  Taker extends string,
  Wanted,
  By extends string,
  Given,
  Path extends string,
  Depth extends 1[],
> = Depth["length"] extends 4
  ? Difference<Taker, Wanted, By, Given, Path>
  : [Given, Wanted] extends [readonly (infer G)[], readonly (infer W)[]]
    ? ValueProblem<Taker, W, By, G, `${Path}[]`, [...Depth, 1]>
    : [Given, Wanted] extends [Fields, Fields]
      ? FieldProblem<Taker, Wanted, By, Given, `${Path}.`, [...Depth, 1]>
      : Difference<Taker, Wanted, By, Given, Path>;

/** The text for two different types with the same description, such as two kinds of functions. */
type Difference<Taker extends string, Wanted, By extends string, Given, Path extends string> =
  Shape<Wanted> extends Shape<Given>
    ? `${Taker} takes { ${Path}: ${Shape<Wanted>} } but ${By} gives another ${Shape<Given>} as '${Path}'`
    : `${Taker} takes { ${Path}: ${Shape<Wanted>} } but ${By} gives { ${Path}: ${Shape<Given>} }`;

/** An object whose fields are compared, as opposed to a list, a text or a function. */
type Fields = object & { readonly length?: never };

/** A type in a few words: TypeScript cannot make a text of a type. */
export type Shape<T> = 0 extends 1 & T
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
            : unknown extends T
              ? "unknown"
              : Alternatives<T>;

/** The kinds of a union, in an order that does not depend on where its parts were first written. */
type Alternatives<T> = Or<
  [
    Text<Extract<T, string>>,
    Literals<Extract<T, number>, number, "number">,
    [Extract<T, boolean>] extends [never] ? "" : "boolean",
    Literals<Extract<T, bigint>, bigint, "bigint">,
    [Extract<T, symbol>] extends [never] ? "" : "symbol",
    ListOf<Extract<T, readonly unknown[]>>,
    [Extract<T, AnyFunction>] extends [never] ? "" : "function",
    [Exclude<Extract<T, object>, readonly unknown[] | AnyFunction>] extends [never] ? "" : "object",
    null extends T ? "null" : "",
    undefined extends T ? "undefined" : "",
  ]
>;

type AnyFunction = (...args: never) => unknown;

type Or<Words extends readonly string[], Said extends string = ""> = Words extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? Or<Rest, First extends "" ? Said : Said extends "" ? First : `${Said} | ${First}`>
  : Said;

type Text<T extends string> = [T] extends [never]
  ? ""
  : [Verdict] extends [T]
    ? [T] extends [Verdict]
      ? '"approve" | "revise" | "reject"'
      : "string"
    : Literals<T, string, "string">;

/** The values of a type if there are few, or else its name. */
type Literals<T extends string | number | bigint, Whole, Word extends string> = [T] extends [never]
  ? ""
  : Whole extends T
    ? Word
    : Values<T> extends infer V extends string
      ? V
      : Word;

type Values<T, Count extends 1[] = []> = Count["length"] extends 8
  ? never
  : LastOf<T> extends infer Last extends string | number | bigint
    ? [Exclude<T, Last>] extends [never]
      ? Quoted<Last>
      : `${Values<Exclude<T, Last>, [...Count, 1]> & string} | ${Quoted<Last>}`
    : never;

type Quoted<T extends string | number | bigint> = T extends string ? `"${T}"` : `${T}`;

/** One part of a union. */
type LastOf<T> = (T extends unknown ? (one: () => T) => void : never) extends (
  one: infer Last extends () => unknown,
) => void
  ? ReturnType<Last>
  : never;

type ListOf<T> = [T] extends [never]
  ? ""
  : T extends readonly (infer Item)[]
    ? `a list of ${Shape<Item>}`
    : "";
