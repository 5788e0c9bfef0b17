import { writeArtifact } from "../write-artifact.ts";

/** Writes more than the system allows, and prints the result. */
const [folder = "", path = ""] = process.argv.slice(2);
// The signal of the failed write, which would end the process.
process.on("SIGXFSZ", () => {});
await writeArtifact(folder, path, "x".repeat(200_000)).then(
  () => process.stdout.write("written"),
  (error: NodeJS.ErrnoException) => process.stdout.write(error.code ?? String(error)),
);
