import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();

// Every option of ChatOpenAI, and `request`, `timeouts` and `priority`.
const model = orchestra.modelFor("writer", { model: "openai/gpt-4o", temperature: 0.7, topP: 0.9 });
const answers = await model.batch(["What is jitter?", "What is backoff?"], { maxConcurrency: 2 });
console.log(answers.map(({ text }) => text));

await orchestra.flushCosts(); // the costs of requests that were cut off
console.log(orchestra.ledger.total.costUsd);
