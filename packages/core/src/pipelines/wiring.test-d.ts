import { expectTypeOf } from "vitest";
import type { Deliverable, Findings, ResearchTask, Review } from "../agents/index.ts";
import type { Orchestra } from "../orchestra.ts";
import { researchValidateExecute, type Wiring } from "./index.ts";

declare const orchestra: Orchestra;
const researcher = orchestra.researcher();
const validator = orchestra.validator();
const executor = orchestra.executor();
const steps = { researcher, validator, executor };

type Field<T, Name extends string> = Name extends keyof T ? T[Name] : object;
type WiringOf<T> = Wiring<
  Field<T, "researcher">,
  Field<T, "join">,
  Field<T, "validator">,
  Field<T, "executor">,
  Field<Field<T, "after">, "research">,
  Field<Field<T, "after">, "validate">,
  Field<Field<T, "after">, "execute">
>;

/** The compiler's message for an option: the part of its type that is not a step. */
type Said<T, Name extends keyof WiringOf<T>> = MessageIn<WiringOf<T>[Name], Field<T, Name>>;
type SaidAfter<T, Name extends "research" | "validate" | "execute"> = MessageIn<
  NonNullable<WiringOf<T>["after"]>[Name],
  Field<Field<T, "after">, Name>
>;
type MessageIn<Option, S> = Option extends S & (infer Message) ? Message : never;

// Steps that match, with and without type annotations.
researchValidateExecute(steps);
researchValidateExecute({
  researcher: ({ task }) => ({ task, claims: [], openQuestions: [] }),
  validator: async (found) => ({ ...found, verdict: "approve", issues: [], confidence: 1 }),
  executor: ({ task, claims }) => ({ task, text: claims[0]?.statement ?? "", citations: [] }),
});
researchValidateExecute({
  ...steps,
  researcher: [researcher, ({ task }) => ({ task, claims: [], openQuestions: [] })],
  join: (all) => all[0] as Findings,
  after: {
    research: (found) => ({ ...found, task: found.task.trim() }),
    validate: (review) => ({ ...review, issues: [] }),
    execute: (deliverable) => ({ ...deliverable, text: deliverable.text.trim() }),
  },
});
researchValidateExecute({
  ...steps,
  after: { research: (found: Findings) => ({ ...found, tone: "plain" }) },
  validator: (found: Findings & { tone: string }) => validator.invoke(found),
});
// A function may take fewer fields than it gets, and its input may have any type.
researchValidateExecute({
  ...steps,
  validator: (found: unknown) => validator.invoke(found as Findings),
});

// 1. A step that takes a field that the one before it does not return.
const takesScore = {
  ...steps,
  validator: (() => {}) as unknown as (input: { score: number }) => Promise<Review>,
};
// @ts-expect-error See the message.
researchValidateExecute(takesScore);
expectTypeOf<
  Said<typeof takesScore, "validator">
>().toEqualTypeOf<"Step 'validate' takes { score: number } but 'research' does not provide 'score'">();

// 2. A text where an object is expected.
const givesText = { ...steps, researcher: async () => "text" };
// @ts-expect-error See the message.
researchValidateExecute(givesText);
expectTypeOf<
  Said<typeof givesText, "researcher">
>().toEqualTypeOf<"Step 'validate' takes { task, claims, openQuestions } but 'research' gives string">();

// 3. A function that returns nothing.
const givesNothing = { ...steps, validator: async () => {} };
// @ts-expect-error See the message.
researchValidateExecute(givesNothing);
expectTypeOf<
  Said<typeof givesNothing, "validator">
>().toEqualTypeOf<"Step 'execute' takes { task, claims, openQuestions, verdict, issues, confidence } but 'validate' gives nothing">();

// 4. A missing step.
// @ts-expect-error Property 'validator' is missing.
researchValidateExecute({ researcher, executor });

// 5. A step of an unknown name.
// @ts-expect-error 'resaerch' does not exist. Did you mean to write 'research'?
researchValidateExecute({ ...steps, after: { resaerch: (found: Findings) => found } });

// 6. The wrong order.
const swapped = { ...steps, validator: executor, executor: validator };
// @ts-expect-error See the messages, one for each field.
researchValidateExecute(swapped);
expectTypeOf<Said<typeof swapped, "validator">>().toEqualTypeOf<
  | `Step 'validate' takes { verdict: "approve" | "revise" | "reject" } but 'research' does not provide 'verdict'`
  | "Step 'validate' takes { issues: a list of object } but 'research' does not provide 'issues'"
  | "Step 'validate' takes { confidence: number } but 'research' does not provide 'confidence'"
>();
expectTypeOf<Said<typeof swapped, "executor">>().toEqualTypeOf<
  | "The run takes { text: string } but 'execute' does not provide 'text'"
  | "The run takes { citations: a list of object } but 'execute' does not provide 'citations'"
>();

// 7. A join that takes one set of findings instead of a list.
const joinsOne = { ...steps, researcher: [researcher, researcher], join: (one: Findings) => one };
// @ts-expect-error See the message.
researchValidateExecute(joinsOne);
expectTypeOf<
  Said<typeof joinsOne, "join">
>().toEqualTypeOf<"Step 'join' takes { task, claims, openQuestions } but 'research' gives a list of { task, claims, openQuestions }">();

// 8. A join of the findings of one researcher.
const joinsNothing = { ...steps, join: (all: readonly Findings[]) => all[0] as Findings };
// @ts-expect-error See the message.
researchValidateExecute(joinsNothing);
expectTypeOf<
  Said<typeof joinsNothing, "join">
>().toEqualTypeOf<"Step 'join' takes a list of { task, claims, openQuestions } but 'research' gives { task, claims, openQuestions }">();

// 9. One of several researchers returns something else.
const oneIsOther = { ...steps, researcher: [researcher, async () => ({ task: "", claims: [] })] };
// @ts-expect-error See the message.
researchValidateExecute(oneIsOther);
expectTypeOf<Said<typeof oneIsOther, "researcher">>().toEqualTypeOf<
  readonly "Step 'validate' takes { openQuestions: a list of string } but 'research' does not provide 'openQuestions'"[]
>();

// 10. A field of another type.
const claimsInText = {
  ...steps,
  researcher: ({ task }: ResearchTask) => ({ task, claims: "none", openQuestions: [] }),
};
// @ts-expect-error See the message.
researchValidateExecute(claimsInText);
expectTypeOf<
  Said<typeof claimsInText, "researcher">
>().toEqualTypeOf<"Step 'validate' takes { claims: a list of object } but 'research' gives { claims: string }">();

// 11. An invalid verdict.
const ownVerdict = {
  ...steps,
  validator: (found: Findings) => ({ ...found, verdict: "ok", issues: [], confidence: 1 }),
};
// @ts-expect-error See the message.
researchValidateExecute(ownVerdict);
expectTypeOf<
  Said<typeof ownVerdict, "validator">
>().toEqualTypeOf<`Step 'execute' takes { verdict: "approve" | "revise" | "reject" } but 'validate' gives { verdict: string }`>();

// 12. A deliverable without citations.
const withoutCitations = { ...steps, executor: ({ task }: Review) => ({ task, text: "" }) };
// @ts-expect-error See the message.
researchValidateExecute(withoutCitations);
expectTypeOf<
  Said<typeof withoutCitations, "executor">
>().toEqualTypeOf<"The run takes { citations: a list of object } but 'execute' does not provide 'citations'">();

// 13. An additional step that returns only a part of its input.
const givesPart = { ...steps, after: { research: (found: Findings) => found.claims } };
// @ts-expect-error See the message.
researchValidateExecute(givesPart);
expectTypeOf<
  SaidAfter<typeof givesPart, "research">
>().toEqualTypeOf<"Step 'validate' takes { task, claims, openQuestions } but 'after.research' gives a list of object">();

// 14. An additional step at the wrong position.
const wrongPlace = { ...steps, after: { validate: (deliverable: Deliverable) => deliverable } };
// @ts-expect-error See the messages.
researchValidateExecute(wrongPlace);
expectTypeOf<SaidAfter<typeof wrongPlace, "validate">>().toEqualTypeOf<
  | "Step 'after.validate' takes { text: string } but 'validate' does not provide 'text'"
  | "Step 'after.validate' takes { citations: a list of object } but 'validate' does not provide 'citations'"
>();

// 15. A researcher that takes a field that no run has.
const takesTopic = {
  ...steps,
  researcher: (() => {}) as unknown as (input: { topic: string }) => Promise<Findings>,
};
// @ts-expect-error See the message.
researchValidateExecute(takesTopic);
expectTypeOf<
  Said<typeof takesTopic, "researcher">
>().toEqualTypeOf<"Step 'research' takes { topic: string } but the run does not provide 'topic'">();

// 16. A value that is not a step.
const noStep = { ...steps, validator: { review: () => undefined } };
// @ts-expect-error See the message.
researchValidateExecute(noStep);
expectTypeOf<
  Said<typeof noStep, "validator">
>().toEqualTypeOf<"Step 'validate' is object: expected an agent, another runnable or a function">();

// 17. An executor that takes a field that the step before it omits.
const needsTone = {
  ...steps,
  executor: ({ tone }: Review & { tone: string }) => ({ task: tone, text: "", citations: [] }),
  after: { validate: (review: Review) => review },
};
// @ts-expect-error See the message.
researchValidateExecute(needsTone);
expectTypeOf<
  Said<typeof needsTone, "executor">
>().toEqualTypeOf<"Step 'execute' takes { tone: string } but 'after.validate' does not provide 'tone'">();

// 18. An option of an unknown name.
// @ts-expect-error 'maxRevision' does not exist. Did you mean to write 'maxRevisions'?
researchValidateExecute({ ...steps, maxRevision: 1 });

// 19. Of several researchers in a list, the one that does not match is marked.
researchValidateExecute({
  ...steps,
  researcher: [
    researcher,
    // @ts-expect-error See the message.
    async () => ({ task: "", claims: [] }),
    ({ task }) => ({ task, claims: [], openQuestions: [] }),
  ],
});
const listed = {
  ...steps,
  researcher: [researcher, async () => ({ task: "", claims: [] })] as const,
};
expectTypeOf<Said<typeof listed, "researcher">>().toEqualTypeOf<
  readonly [
    unknown,
    "Step 'validate' takes { openQuestions: a list of string } but 'research' does not provide 'openQuestions'",
  ]
>();

// 20. A verdict that is one value too many.
const oneVerdict = {
  ...steps,
  validator: (found: Findings) => ({
    ...found,
    verdict: "ok" as const,
    issues: [],
    confidence: 1,
  }),
};
// @ts-expect-error See the message.
researchValidateExecute(oneVerdict);
expectTypeOf<
  Said<typeof oneVerdict, "validator">
>().toEqualTypeOf<`Step 'execute' takes { verdict: "approve" | "revise" | "reject" } but 'validate' gives { verdict: "ok" }`>();

// 21. A field of an item that is of another type, and one that is missing.
const numberInText = {
  ...steps,
  researcher: ({ task }: ResearchTask) => ({
    task,
    claims: [{ number: "1", statement: "", evidence: { path: "", line: 1 } }],
    openQuestions: [],
  }),
};
// @ts-expect-error See the messages.
researchValidateExecute(numberInText);
expectTypeOf<Said<typeof numberInText, "researcher">>().toEqualTypeOf<
  | "Step 'validate' takes { claims[].number: number } but 'research' gives { claims[].number: string }"
  | "Step 'validate' takes { claims[].evidence.quote: string } but 'research' does not provide 'claims[].evidence.quote'"
>();

// 22. A field that may be missing, or may be null.
const mayBeMissing = {
  ...steps,
  validator: (
    found: Findings,
  ): Omit<Review, "confidence" | "issues"> & {
    confidence?: number;
    issues: Review["issues"] | null;
  } => ({ ...found, verdict: "approve", issues: null }),
};
// @ts-expect-error See the messages.
researchValidateExecute(mayBeMissing);
expectTypeOf<Said<typeof mayBeMissing, "validator">>().toEqualTypeOf<
  | "Step 'execute' takes { confidence: number } but 'validate' gives { confidence: number | undefined }"
  | "Step 'execute' takes { issues: a list of object } but 'validate' gives { issues: a list of object | null }"
>();
