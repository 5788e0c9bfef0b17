import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test-support/temporary-folder.ts";
import { hostileDocuments } from "./hostile-documents.ts";

interface Result {
  readonly path: string;
  /** `read`, or why it was skipped. */
  readonly reason: string;
  readonly ms: number;
}

const heapMb = 256;
/** The limit of 5 seconds, and what a busy machine adds. */
const patienceMs = 20_000;

test("each hostile document is read or skipped with its reason, within a small heap", async () => {
  const names = Object.keys(hostileDocuments);
  await using folder = await temporaryFolder(
    Object.fromEntries(names.map((name) => [name, hostileDocuments[name]?.() ?? ""])),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${heapMb}`,
    "--conditions=@orchestra/source",
    join(import.meta.dirname, "open-one-by-one.ts"),
    folder.path,
  ]);
  const { results, passages } = JSON.parse(stdout) as { results: Result[]; passages: number };
  expect(results.map(({ path }) => path)).toEqual(names.toSorted());
  expect(results.filter(({ reason }) => reason.length < 4)).toEqual([]);
  expect(results.filter(({ ms }) => ms > patienceMs)).toEqual([]);
  // Those that only look odd are read, and can be searched.
  expect(results.filter(({ reason }) => reason === "read").length).toBeGreaterThan(20);
  expect(passages).toBeGreaterThan(0);
}, 900_000);
