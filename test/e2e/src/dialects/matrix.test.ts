import { describeMatrix } from "./matrix.ts";
import { workloads, type WorkloadName } from "./workloads.ts";

const names = Object.keys(workloads) as WorkloadName[];
const agents: ReadonlySet<WorkloadName> = new Set(["tools", "structuredOutput", "pipeline"]);

// Agents and pipelines send most requests: here each twentieth dialect has them all, and of the others each
// has at most one kind. In matrix.long.test.ts each has all.
describeMatrix((_, index) => {
  const one = ["tools", undefined, "structuredOutput", undefined][index % 4];
  return names.filter((name) => index % 20 === 0 || !agents.has(name) || name === one);
});
