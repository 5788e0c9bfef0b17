import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * When a process of this machine started. It distinguishes the process from an earlier one with the same id.
 * Only compare it: each operating system has its own format.
 *
 * @returns `undefined` if there is no such process, or the system does not report it, as on Windows
 */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === "linux") return await startOnLinux(pid);
    return process.platform === "win32" ? undefined : await startByPs(pid);
  } catch {
    return undefined;
  }
}

/** Of the fields of `/proc/PID/stat`, after the name of the program. */
const startField = 19;

/** In ticks since the boot, with the id of the boot. */
async function startOnLinux(pid: number): Promise<string | undefined> {
  const [stat, bootId] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile("/proc/sys/kernel/random/boot_id", "utf8"),
  ]);
  // The name may have spaces and parentheses.
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[startField];
  return ticks === undefined ? undefined : `${bootId.trim()} ${ticks}`;
}

/** In seconds, in UTC: on macOS, and on systems without `/proc`. */
export async function startByPs(pid: number): Promise<string | undefined> {
  const env = { LC_ALL: "C", TZ: "UTC" };
  const { stdout } = await execute("/bin/ps", ["-o", "lstart=", "-p", String(pid)], { env });
  return stdout.trim().replaceAll(/\s+/g, " ") || undefined;
}
