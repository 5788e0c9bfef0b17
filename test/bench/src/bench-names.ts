/** In the order of the document. */
export const benchNames = [
  "overhead",
  "start",
  "installed",
  "goodput",
  "deadPrimary",
  "recovery",
  "hedge",
  "server",
  "durable",
] as const;
export type BenchName = (typeof benchNames)[number];
