import { openDocuments } from "../index.ts";

/*
 * Opens the folder that is its argument, and prints for each document the result and the time in
 * milliseconds. For a process with little memory.
 */
const startedAt = performance.now();
const times: number[] = [];
const documents = await openDocuments(process.argv[2] ?? "", {
  onProgress: () => times.push(performance.now() - startedAt),
});
const found = [
  ...documents.documents.map(({ path }) => ({ path, reason: "read" })),
  ...documents.skipped,
].toSorted((a, b) => (a.path < b.path ? -1 : 1));
const results = found.map(({ path, reason }, index) => ({
  path,
  reason,
  ms: Math.round((times[index] ?? 0) - (times[index - 1] ?? 0)),
}));
// A further one shows that the process still works.
const passages = documents.search("wait for the water").length;
process.stdout.write(JSON.stringify({ results, passages }));
