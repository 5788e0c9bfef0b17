import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();

const { vectors } = await orchestra.embeddings.create({
  model: "openai/text-embedding-3-small",
  input: ["A retry repeats a request.", "A fallback asks another model."],
});
console.log(vectors.length, vectors[0]?.length);

const documents = ["Berlin is the capital of Germany.", "Paris is the capital of France."];
const { results } = await orchestra.rerank.create({
  model: "cohere/rerank-v3.5",
  query: "What is the capital of France?",
  documents,
});
console.log(documents[results[0]?.index ?? 0]);
