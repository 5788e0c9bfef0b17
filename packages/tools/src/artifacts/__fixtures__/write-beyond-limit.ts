import { writeArtifact } from "../write-artifact.ts";

/** Writes more than the system lets it write, and says what became of it. */
const [folder = "", path = ""] = process.argv.slice(2);
// The signal that comes with the failed write; it would end the process.
process.on("SIGXFSZ", () => {});
await writeArtifact(folder, path, "x".repeat(200_000)).then(
  () => process.stdout.write("written"),
  (error: NodeJS.ErrnoException) => process.stdout.write(error.code ?? String(error)),
);
