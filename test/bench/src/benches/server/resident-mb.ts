import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Resident memory of a process, by `ps`, in MB. */
export async function residentMb(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) / 1024;
}
