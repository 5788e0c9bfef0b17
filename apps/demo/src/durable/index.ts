export { answerDurably } from "./answer-durably.ts";
export type { DurableFacts } from "./facts.ts";
