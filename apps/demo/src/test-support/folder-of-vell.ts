import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

/** A folder with one short document: to read the project's docs takes longer than the rest of a run. */
export async function folderOfVell(): ReturnType<typeof temporaryFolder> {
  const folder = await temporaryFolder();
  const lighthouse = "# Vell\n\nThe lighthouse of Vell was built in 1871.\n";
  await writeFile(join(folder.path, "vell.md"), lighthouse);
  return folder;
}
