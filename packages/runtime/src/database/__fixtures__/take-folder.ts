// A process that takes a folder again and again, and leaves it as one that is killed: with a lock. Says how
// often it had it, and how often it was not alone with it.
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockFolder } from "../folder-lock.ts";

const [, , folder = "", rounds] = process.argv;
const mark = join(folder, "mark");
/** No process has such a number; and one has it that did not make the lock. */
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
    // Another process has it.
  }
  await writeFile(join(folder, "lock"), left[round % 2] ?? "", { flag: "wx" }).catch(() => undefined);
}
process.send?.({ takes, clashes });
