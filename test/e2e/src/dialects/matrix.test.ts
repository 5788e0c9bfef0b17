import { describeMatrix } from "./matrix.ts";
import { workloads, type WorkloadName } from "./workloads.ts";

const names = Object.keys(workloads) as WorkloadName[];
const withoutPipeline = names.filter((name) => name !== "pipeline");

// A pipeline sends most requests: here each tenth dialect has one, in matrix.long.test.ts all.
describeMatrix((_, index) => (index % 10 === 0 ? names : withoutPipeline));
