import { open } from "node:fs/promises";
import { devNull } from "node:os";

/** About the number of files that an embedded database opens at its start. */
const tries = 16;

/** Whether this process may open no more files; WebAssembly does not report this reason. */
export async function isOutOfFiles(): Promise<boolean> {
  const opened = await Promise.allSettled(Array.from({ length: tries }, () => open(devNull)));
  for (const each of opened) if (each.status === "fulfilled") await each.value.close();
  return opened.some((each) => each.status === "rejected" && isLack(each.reason));
}

function isLack(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}
