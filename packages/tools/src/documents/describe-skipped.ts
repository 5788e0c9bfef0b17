import { checkInput } from "@orchestra/core/extend";
import { z } from "zod";
import type { SkippedFile } from "./documents.ts";

const maxNamed = 3;

const skippedFiles = z.array(
  z.object({ path: z.string(), reason: z.string() } satisfies Record<keyof SkippedFile, z.ZodType>),
);

/**
 * Describes in one line, for people, which files could not be used and why: the first three by name, and the
 * number of the others. Empty if all could be used.
 *
 * @throws {ArgumentError} for anything but the `skipped` of a collection
 */
export function describeSkipped(skipped: readonly SkippedFile[]): string | undefined {
  checkInput(skippedFiles, skipped, "describeSkipped()", "skipped");
  if (skipped.length === 0) return undefined;
  const named = skipped.slice(0, maxNamed).map(({ path, reason }) => `${path} (${reason})`);
  const others = skipped.length - named.length;
  const list = others === 0 ? named : [...named, `${others} more`];
  return `${skipped.length} ${skipped.length === 1 ? "file" : "files"} skipped: ${list.join(", ")}`;
}
