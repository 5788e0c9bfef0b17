// A process that locks a folder repeatedly, and leaves it with a lock, like one that was killed. Prints how
// often it had the lock, and how often another process had it at the same time.
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockFolder } from "../folder-lock.ts";

const [, , folder = "", rounds] = process.argv;
const mark = join(folder, "mark");
/** No process has this number, or one that did not create the lock. */
const left = [String(2 ** 30), `${process.ppid} 6d2f7e5a-0000-4000-8000-000000000000 17`];

let takes = 0;
let clashes = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  try {
    await using _ = await lockFolder(folder);
    takes += 1;
    await mkdir(mark).catch(() => (clashes += 1));
    await rmdir(mark).catch(() => undefined);
  } catch {
    // Another process has the lock.
  }
  await writeFile(join(folder, "lock"), left[round % 2] ?? "", { flag: "wx" }).catch(() => undefined);
}
process.send?.({ takes, clashes });
