import type { Check } from "../evidence.ts";
import { answers } from "./answers.ts";
import { aborts, attempts } from "./attempts.ts";
import { books } from "./books.ts";
import { bounds } from "./bounds.ts";
import { budgets } from "./budgets.ts";
import { leftovers } from "./leftovers.ts";
import { limits } from "./limits.ts";
import { records } from "./records.ts";
import { recovery } from "./recovery.ts";

/** What must hold in every simulation. */
export const checks = {
  limits,
  budgets,
  answers,
  records,
  bounds,
  recovery,
  books,
  attempts,
  aborts,
  leftovers,
} as const satisfies Readonly<Record<string, Check>>;

export type CheckName = keyof typeof checks;

export { unknowableOf } from "./books.ts";
