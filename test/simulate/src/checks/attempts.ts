import { seconds, type Check } from "../evidence.ts";
import { flightsOf } from "./budgets.ts";

/** No call makes more requests than its settings allow. */
export const attempts: Check = (evidence) => {
  const { requests, settings, world } = evidence;
  const { callMaxAttempts, maxRetries, hedgeAfterMs, streamRestarts } = settings;
  const routes = 1 + world.fallbacks.length;
  // One attempt more than the retries: one is made at once with fewer tokens.
  const perRoute = (maxRetries + 2) * (hedgeAfterMs === undefined ? 1 : 2);
  const most = Math.min(callMaxAttempts, routes * perRoute * (streamRestarts + 1));
  const flights = flightsOf(evidence);
  return [...Map.groupBy(requests, ({ prompt }) => prompt)].flatMap(([prompt, sent]) => {
    const allowed = most * (flights.get(prompt) ?? 1);
    if (sent.length <= allowed) return [];
    return [`${sent.length} requests were sent for ${prompt}, and the settings allow ${allowed}`];
  });
};

/** An abort ends a call at once, with the caller's reason, and nothing is sent after it. */
export const aborts: Check = ({ outcomes, requests, world }) => {
  const byPrompt = Map.groupBy(outcomes, ({ call }) => call.prompt);
  const problems: string[] = [];
  for (const { call, abortedAt, endedAt, kind, wasWaitingAtAbort } of outcomes) {
    if (abortedAt === undefined || wasWaitingAtAbort !== true) continue;
    if (endedAt !== undefined && endedAt > abortedAt) {
      problems.push(`Call ${call.number} ended ${endedAt - abortedAt} ms after its abort`);
    } else if (kind === "failed" || kind === "interrupted") {
      problems.push(
        `Call ${call.number} was aborted, and got another error than its caller's reason`,
      );
    }
  }
  for (const { prompt, sentOrder, sentAt, number } of requests) {
    const calls = byPrompt.get(prompt) ?? [];
    const isWanted = calls.some(
      ({ startedAt = Infinity, endedAt = Infinity, abortOrder = Infinity }) =>
        startedAt <= sentAt && sentAt <= endedAt && sentOrder < abortOrder,
    );
    if (!isWanted)
      problems.push(
        `Request ${number} was sent at ${seconds(sentAt, world)}, when no call wanted it`,
      );
  }
  return problems;
};
