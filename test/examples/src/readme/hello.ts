import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra(); // OPENROUTER_API_KEY from the environment

const answer = await orchestra.chat("Name three uses of copper.");
console.log(answer.text);
console.log(orchestra.ledger.total.costUsd);
