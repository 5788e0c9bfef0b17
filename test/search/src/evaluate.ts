import { openDocuments, type Documents } from "@orchestra/tools/documents";
import { documentsOf } from "./document-sets.ts";
import { openModes, type Mode } from "./hybrid.ts";
import { readQuestions, type Question } from "./question.ts";

/** The result of the search for one question. */
export interface Outcome extends Question {
  readonly set: string;
  /** The place of the first passage that answers, from 1; 0 where none of the first twenty does. */
  readonly rank: number;
  readonly hasResults: boolean;
  readonly ms: number;
}

const depth = 20;
/** A query is repeated, so that a pause of the machine does not count as search. */
const repetitions = 3;

/** Asks a set all its questions, in each of the modes. */
export async function evaluateSet(
  set: string,
  modes: readonly Mode[] = ["lexical"],
): Promise<ReadonlyMap<Mode, Outcome[]>> {
  const collection = await openDocuments(await documentsOf(set));
  await using searches = await openModes(collection, modes);
  const outcomes = new Map<Mode, Outcome[]>();
  for (const [mode, documents] of searches.opened) {
    outcomes.set(mode, await askAll(documents, set));
  }
  return outcomes;
}

async function askAll(documents: Documents, set: string): Promise<Outcome[]> {
  const questions = readQuestions(set);
  // The first queries of a process are slower by what the engine compiles.
  for (const { text } of questions) await documents.search(text);
  const outcomes: Outcome[] = [];
  for (const question of questions) {
    outcomes.push({ ...question, set, ...(await ask(documents, question)) });
  }
  return outcomes;
}

async function ask(documents: Documents, { text, expected }: Question) {
  let ms = Infinity;
  let passages = await documents.search(text, { limit: depth });
  for (let time = 0; time < repetitions; time += 1) {
    const startedAt = performance.now();
    passages = await documents.search(text, { limit: depth });
    ms = Math.min(ms, performance.now() - startedAt);
  }
  const answer = normalized(expected);
  const rank = 1 + passages.findIndex((passage) => normalized(passage.text).includes(answer));
  return { rank, hasResults: passages.length > 0, ms };
}

function normalized(text: string): string {
  return text.replaceAll(/\s+/g, " ").toLowerCase();
}
