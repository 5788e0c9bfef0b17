import { parseArgs } from "node:util";

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

export interface Arguments {
  readonly benches: readonly BenchName[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly write: boolean;
  readonly help: boolean;
}

export const usage = `Measures Orchestra beside its peers, on loopback.

  pnpm bench [--quick] [--only <bench>]... [--json] [--write]

  --quick         fewer rounds and, where they take long, no peers; some minutes
  --only <bench>  ${benchNames.join(", ")}; may be given several times
  --json          prints one JSON object and nothing else
  --write         writes docs/benchmarks.md and its plots; with --only, the sections of those benches
`;

/** @throws {TypeError} for a command line that makes no sense */
export function readArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  const { only, quick, json, write, help } = values;
  for (const name of only) {
    if (!(benchNames as readonly string[]).includes(name)) {
      throw new TypeError(`There is no bench "${name}"; expected ${benchNames.join(", ")}`);
    }
  }
  if (write && quick) throw new TypeError("--write takes full benches, without --quick");
  const benches = benchNames.filter((name) => only.length === 0 || only.includes(name));
  return { benches, quick, json, write, help };
}
