import { openDocuments, type DocumentCollection } from "@orchestra/tools/documents";
import { documentsOf } from "./document-sets.ts";
import { readQuestions, type Question } from "./question.ts";

/** What search made of one question. */
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

/** Asks a set all its questions. */
export async function evaluateSet(set: string): Promise<Outcome[]> {
  const documents = await openDocuments(await documentsOf(set));
  const questions = readQuestions(set);
  // The first queries of a process are slower by what the engine compiles.
  for (const { text } of questions) documents.search(text);
  return questions.map((question) => ({ ...question, set, ...ask(documents, question) }));
}

function ask(documents: DocumentCollection, { text, expected }: Question) {
  let ms = Infinity;
  let passages = documents.search(text, { limit: depth });
  for (let time = 0; time < repetitions; time += 1) {
    const startedAt = performance.now();
    passages = documents.search(text, { limit: depth });
    ms = Math.min(ms, performance.now() - startedAt);
  }
  const answer = normalized(expected);
  const rank = 1 + passages.findIndex((passage) => normalized(passage.text).includes(answer));
  return { rank, hasResults: passages.length > 0, ms };
}

function normalized(text: string): string {
  return text.replaceAll(/\s+/g, " ").toLowerCase();
}
