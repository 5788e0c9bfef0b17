import { describeMatrix } from "./matrix.ts";
import { workloads, type WorkloadName } from "./workloads.ts";

const names = Object.keys(workloads) as WorkloadName[];

describeMatrix(() => names);
