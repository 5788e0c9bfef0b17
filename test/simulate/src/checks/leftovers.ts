import type { Check } from "../evidence.ts";

/**
 * At the end, there is no timer, no open body, no listener on a caller's signal and no unhandled rejection.
 */
export const leftovers: Check = ({ leftovers: left, unhandled }) => [
  ...Object.entries(left).flatMap(([what, count]) =>
    count === 0
      ? []
      : [`${count} ${nouns[what as keyof typeof nouns]} left when all calls have ended`],
  ),
  ...unhandled.map((error) => `A rejection was not handled: ${String(error)}`),
];

const nouns = {
  timers: "timers of Orchestra are",
  openBodies: "response bodies are open and",
  listeners: "listeners on callers' signals are",
} as const;
