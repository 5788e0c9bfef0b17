import { cost, count } from "../view/words.ts";
import type { BooksFacts } from "./books.ts";
import type { DurableFacts } from "./facts.ts";

/** A summary of a durable run, one sentence in each line. */
export function summary(facts: DurableFacts): string[] {
  return [storyOf(facts), ...savingsOf(facts), ...(facts.books ? [wordsOf(facts.books)] : [])];
}

/** What the user can do next, with a command to copy in each line. */
export function nextCommands({ trace, resume }: DurableFacts): string[] {
  return [`See it: ${trace}`, ...(resume === undefined ? [] : [`Continue it: ${resume}`])];
}

function storyOf({ runId, kills, executions }: DurableFacts): string {
  const killed = kills > 0 ? `killed ${times(kills)}` : "not killed";
  return `Run ${runId}: ${killed}, executed ${times(executions)}`;
}

function savingsOf(facts: DurableFacts): string[] {
  const { callsMade, callsReplayed, repeatedCalls, savedTokens, executions } = facts;
  const paid = { costUsd: facts.savedUsd, unknownCostAttempts: facts.savedUnknownCostAttempts };
  const saved = `${count(savedTokens, "token")}, ${cost(paid)}`;
  return [
    `${count(callsMade, "call")} in all`,
    ...(callsReplayed > 0
      ? [`${callsReplayed} answered before, and not made or paid again: ${saved}`]
      : []),
    ...(repeatedCalls > 0 ? [`${repeatedCalls} cut off with the process, and made again`] : []),
    ...(executions > 1 && repeatedCalls === 0 ? ["None made twice"] : []),
  ];
}

function wordsOf({ requests, cutOff, answeredTwice, agree }: BooksFacts): string {
  const isRight = agree && answeredTwice === 0;
  return [
    `The sandbox's own books ${isRight ? "agree" : "do not agree"}: ${count(requests, "request")}`,
    ...(cutOff > 0 ? [`${cutOff} cut off`] : []),
    answeredTwice === 0 ? "none answered twice" : `${answeredTwice} answered twice`,
  ].join(", ");
}

function times(number: number): string {
  return number === 1 ? "once" : number === 2 ? "twice" : `${number} times`;
}
