import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultFolder } from "../folders.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A folder with one page of the project's docs: it answers the default question, and is read sooner than all. */
export async function folderOfOnePage(): ReturnType<typeof temporaryFolder> {
  const folder = await temporaryFolder();
  const page = "reliability.md";
  await copyFile(join(defaultFolder, page), join(folder.path, page));
  return folder;
}
