import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { holderOf, lockFolder } from "./folder-lock.ts";
import { startByPs, startOf } from "./process-start.ts";

/** Takes a folder in which a process has left a lock, and says who has it. */
async function take(lock: string): Promise<"taken" | { readonly error: string }> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-lock-"));
  try {
    await writeFile(join(folder, "lock"), lock);
    const holder = await holderOf(folder);
    const taken = await lockFolder(folder).catch((error: Error) => ({ error: error.message }));
    if ("error" in taken) return taken;
    await using _ = taken;
    expect(holder).toBeUndefined();
    expect(await holderOf(folder)).toBe(process.pid);
    return "taken";
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Another process that runs. */
function startOther() {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  return { pid: Number(child.pid), [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

// Windows does not say when a process started: its number alone is compared there.
describe.skipIf(process.platform === "win32")(
  "a folder that a process has left with a lock",
  () => {
    const used = { error: expect.stringMatching(/is in use by process \d+\. Stop that process/) };
    const earlier = "6d2f7e5a-0000-4000-8000-000000000000 17";

    test("is in use while the process runs", async () => {
      using other = startOther();
      expect(await take(`${other.pid} ${await startOf(other.pid)}`)).toEqual(used);
      expect(await take(String(other.pid))).toEqual(used);
    });

    test("is free when another process has its number: after a reboot, or in a container", async () => {
      using other = startOther();
      expect(await take(`${other.pid} ${earlier}`)).toBe("taken");
    });

    test("is free when this process has its number, and did not make the lock", async () => {
      expect(await take(`${process.pid} ${earlier}`)).toBe("taken");
      expect(await take(String(process.pid))).toBe("taken");
    });

    test("is in use by this process when another copy of this module has it", async () => {
      expect(await take(`${process.pid} ${await startOf(process.pid)}`)).toEqual(used);
    });

    test.each(["1073741824", `1073741824 ${earlier}`, "0", "no number"])(
      "is free when no process has its number: %s",
      async (lock) => expect(await take(lock)).toBe("taken"),
    );

    test.skipIf(!existsSync("/bin/ps"))("has a start that ps says, for other systems", async () => {
      expect(await startByPs(process.pid)).toMatch(/^\w{3} \w{3} \d+ \d\d:\d\d:\d\d \d{4}$/);
    });
  },
);
