import { inAnswer, objectSchema } from "../completions/schemas/index.ts";
import type { Role } from "./role.ts";

/** The schema of a role's answer, and the functions of the role that take the answer. */
export type AnswerParts<Output> = Pick<
  Role<unknown, Output>,
  "answer" | "check" | "finish" | "partial"
>;

/** The same for a model that answers with objects; the functions still get the output itself. */
export function inObject<Output>(parts: AnswerParts<Output>): AnswerParts<Output> {
  const { answer, check, finish, partial } = parts;
  const object = answer && objectSchema(answer);
  if (!object || object === answer) return parts;
  const readPartial = (value: unknown, input: unknown) => {
    const soFar = inAnswer(value);
    return partial && soFar !== undefined ? partial(soFar, input) : (soFar as Output);
  };
  return {
    answer: object,
    ...(check ? { check: (value, input) => check(inAnswer(value), input) } : {}),
    finish: (value, input) =>
      finish ? finish(inAnswer(value), input) : (inAnswer(value) as Output),
    ...(partial || !finish ? { partial: readPartial } : {}),
  };
}
