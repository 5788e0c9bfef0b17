import type { CallOutcome } from "../call-outcome.ts";
import type { Check } from "../evidence.ts";
import type { ProviderRequest } from "../provider/request-log.ts";

const statusOf = {
  answered: "succeeded",
  failed: "failed",
  interrupted: "failed",
  aborted: "aborted",
  left: "aborted",
} as const;

/** Each call has one record with its result. The recorded attempts equal the requests that the provider received. */
export const records: Check = ({ outcomes, records: all, requests, settings }) => {
  const problems: string[] = [];
  const byPrompt = Map.groupBy(requests, ({ prompt }) => prompt);
  const attempts = all.reduce((total, record) => total + record.attempts.length, 0);
  if (attempts !== requests.length) {
    problems.push(`${attempts} attempts are recorded, and ${requests.length} requests were sent`);
  }
  for (const outcome of outcomes) {
    const { call, kind, events } = outcome;
    const ended = events.flatMap(({ event }) => (event.type === "call-end" ? [event.record] : []));
    const [record] = ended;
    const mayShare = settings.coalesce && call.kind !== "stream";
    if (ended.length > 1 || (ended.length === 0 && !mayShare && kind !== undefined)) {
      // A call that was aborted before it began has no record.
      const isUnmade = events.length === 0 && (kind === "aborted" || kind === "failed");
      if (!isUnmade) problems.push(`Call ${call.number} has ${ended.length} records`);
    } else if (record && kind && !mayShare && record.status !== statusOf[kind]) {
      // If a reader stops after the whole answer, the call has succeeded.
      const mayHaveSucceeded = kind === "left" && hasAll(outcome, byPrompt.get(call.prompt) ?? []);
      if (mayHaveSucceeded && record.status === "succeeded") continue;
      problems.push(`Call ${call.number} is ${kind}, and its record says ${record.status}`);
    }
  }
  return problems;
};

function hasAll({ text }: CallOutcome, requests: readonly ProviderRequest[]): boolean {
  return requests.some((request) => request.isComplete && request.text === text);
}
