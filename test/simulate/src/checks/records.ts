import type { Check } from "../evidence.ts";

const statusOf = {
  answered: "succeeded",
  failed: "failed",
  interrupted: "failed",
  aborted: "aborted",
  left: "aborted",
} as const;

/** Each call has one record, which says how it ended; attempts recorded equal requests received. */
export const records: Check = ({ outcomes, records: all, requests, settings }) => {
  const problems: string[] = [];
  const attempts = all.reduce((total, record) => total + record.attempts.length, 0);
  if (attempts !== requests.length) {
    problems.push(`${attempts} attempts are recorded, and ${requests.length} requests were sent`);
  }
  for (const { call, kind, events } of outcomes) {
    const ended = events.flatMap(({ event }) => (event.type === "call-end" ? [event.record] : []));
    const [record] = ended;
    const mayShare = settings.coalesce && call.kind !== "stream";
    if (ended.length > 1 || (ended.length === 0 && !mayShare && kind !== undefined)) {
      // A call that was aborted before it began makes nothing to record.
      const isUnmade = events.length === 0 && (kind === "aborted" || kind === "failed");
      if (!isUnmade) problems.push(`Call ${call.number} has ${ended.length} records`);
    } else if (record && kind && !mayShare && !isEndOf(kind, record.status)) {
      problems.push(`Call ${call.number} is ${kind}, and its record says ${record.status}`);
    }
  }
  return problems;
};

/** A reader that leaves when the whole answer has arrived leaves a call that succeeded. */
function isEndOf(kind: keyof typeof statusOf, status: string): boolean {
  return status === statusOf[kind] || (kind === "left" && status === "succeeded");
}
