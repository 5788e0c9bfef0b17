import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { shortened } from "../errors/bounded.ts";
import { problemsOf } from "../input/check-input.ts";

/** The format that `runtime.export()` writes. */
const format = 1;

const entrySchema = z.object({
  kind: z.enum(["call", "tool"]),
  step: z.string(),
  name: z.string(),
  request: z.string(),
  outline: z.record(z.string(), z.string()).optional(),
  value: z.unknown().refine((value) => value !== undefined, "is missing"),
});

const exportSchema = z.object({ format: z.literal(format), journal: z.array(entrySchema) });

/**
 * The entries of a journal as `runtime.export()` returns it, parsed from its file.
 *
 * @throws {ArgumentError} for a newer format, and for any other file
 */
export function readExport(file: unknown): z.infer<typeof entrySchema>[] {
  const { format: given } = Object(file) as { readonly format?: unknown };
  if (typeof given === "number" && Number.isInteger(given) && given > format) {
    throw new ArgumentError(
      `replayJournal(): the export has the format ${given}, and this version reads up to ${format}. Update @orchestra/core.`,
    );
  }
  const read = exportSchema.safeParse(file);
  if (read.success) return read.data.journal;
  const problems = shortened(problemsOf(exportSchema, file, "export"), 1000);
  throw new ArgumentError(
    `replayJournal(): ${problems}. Expected the parsed file of runtime.export() or of "orchestra runs export".`,
  );
}
