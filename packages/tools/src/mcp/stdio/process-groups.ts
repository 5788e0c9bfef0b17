import { spawn, spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Writable } from "node:stream";

/*
 * A server, with all processes that it starts, is one process group, so that `npx server` ends as a whole.
 * A group does not end with this process. Therefore a shell waits for the end of a pipe that only this process
 * holds, and then ends the rest of the group. This works after process.exit(), a signal and a crash,
 * and without handlers of signals, which would change what a signal does to the program.
 */
const guard = `
trap '' HUP INT TERM
groups=' '
while read -r action group; do
  case $action in
    add) groups="$groups$group " ;;
    remove) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
[ -z "\${groups# }" ] && exit
for group in $groups; do kill -TERM "-$group"; done
sleep 1
for group in $groups; do kill -KILL "-$group"; done
`;

const isWindows = process.platform === "win32";
const groups = new Set<number>();
let pipe: Writable | undefined;
let isExitHandled = false;

/** Options to start a process that leads its own group. */
export const leadsGroup = { detached: !isWindows, windowsHide: true } as const;

/** Makes a group end when this process ends. */
export function guardGroup(pid: number): void {
  groups.add(pid);
  if (!isExitHandled) process.once("exit", endAll);
  isExitHandled = true;
  if (isWindows) return;
  if (pipe) pipe.write(`add ${pid}\n`);
  else startGuard();
}

function startGuard(): void {
  const shell = spawn("/bin/sh", ["-c", guard], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: "/usr/bin:/bin" },
  });
  const forget = () => {
    if (pipe === shell.stdin) pipe = undefined;
  };
  shell.once("error", forget);
  shell.once("exit", forget);
  shell.stdin.on("error", forget);
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  pipe = shell.stdin;
  for (const pid of groups) pipe.write(`add ${pid}\n`);
}

/** The guard kills processes that survive a SIGTERM. Without a guard they get SIGKILL at once. */
function endAll(): void {
  for (const pid of groups) signalGroup(pid, pipe ? "SIGTERM" : "SIGKILL");
}

/**
 * Ends a process and all processes that it started, and resolves when they have ended.
 *
 * @param graceMs - Time between the request to end and the kill, in milliseconds.
 */
export async function endGroup(pid: number, graceMs: number): Promise<void> {
  signalGroup(pid, "SIGTERM");
  if (!(await isGone(pid, graceMs))) {
    signalGroup(pid, "SIGKILL");
    await isGone(pid, graceMs);
  }
  if (groups.delete(pid)) pipe?.write(`remove ${pid}\n`);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (isWindows) {
    spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group no longer exists.
  }
}

async function isGone(pid: number, timeoutMs: number): Promise<boolean> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      process.kill(isWindows ? pid : -pid, 0);
    } catch {
      return true;
    }
    if (performance.now() > endsAt) return false;
    await delay(5);
  }
}
