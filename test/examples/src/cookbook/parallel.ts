import { RunnableParallel } from "@langchain/core/runnables";
import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();
const optimist = orchestra.agent({ name: "optimist", system: "You name one advantage." });
const critic = orchestra.agent({ name: "critic", system: "You name one risk." });

const both = RunnableParallel.from({ advantage: optimist, risk: critic });
const { advantage, risk } = await both.invoke("We move our database to another region.");
console.log(advantage);
console.log(risk);
