import { startOf } from "./process-start.ts";

/** The process that has created a lock. */
export interface LockHolder {
  readonly pid: number;
  /** Absent if the system does not report it. */
  readonly start?: string | undefined;
}

/** What this process writes into a lock: its number, and when it started. */
export async function ownLockText(): Promise<string> {
  const start = await startOf(process.pid);
  return start === undefined ? String(process.pid) : `${process.pid} ${start}`;
}

export function parseLockText(text: string): LockHolder {
  const [, pid, start] = /^(\d+)(?: (.+))?$/.exec(text) ?? [];
  return { pid: Number(pid), start };
}

/**
 * Whether the process that created a lock still runs. After a reboot, or in a container that was restarted,
 * another process can have its number, even this one.
 */
export async function isAlive({ pid, start }: LockHolder): Promise<boolean> {
  if (!runs(pid)) return false;
  const current = await startOf(pid);
  if (start !== undefined && current !== undefined) return start === current;
  // It may have ended in the meantime.
  return pid !== process.pid && runs(pid);
}

function runs(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
