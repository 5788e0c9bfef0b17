import { writeArtifact } from "../write-artifact.ts";
import { version } from "./versions.ts";

/** Writes one version after the other to the same path, until it is killed. */
const [folder = "", path = "", first = "0"] = process.argv.slice(2);
for (let number = Number(first); ; number += 1) await writeArtifact(folder, path, version(number));
