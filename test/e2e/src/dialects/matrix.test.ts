import { describeMatrix } from "./matrix.ts";
import { workloads, type WorkloadName } from "./workloads.ts";

const names = Object.keys(workloads) as WorkloadName[];
const agents: readonly WorkloadName[] = ["tools", "structuredOutput"];

// Agents and pipelines send most requests: here each dialect has one of two kinds of agents, and each tenth
// all. In matrix.long.test.ts each has all.
describeMatrix((_, index) =>
  index % 10 === 0
    ? names
    : names.filter((name) => name !== "pipeline" && name !== agents[index % 2]),
);
