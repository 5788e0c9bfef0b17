import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactTools, listArtifacts, writeArtifact } from "@orchestra/tools/artifacts";
import { Orchestra } from "@orchestra/core";

const folder = await mkdtemp(join(tmpdir(), "artifacts-"));

const executor = new Orchestra().executor({ tools: artifactTools(folder) });
console.log(executor.role.tools.map(({ name }) => name));

// The same in code.
await writeArtifact(folder, "report.md", "# Report\n");
console.log(await listArtifacts(folder)); // [{ path: "report.md", bytes: 9 }]
