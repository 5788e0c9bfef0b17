import { OrchestraError } from "@orchestra/core/gateway";

/** A run's journal has entries of a newer version, which would be replayed wrongly. */
export class JournalFormatError extends OrchestraError {
  override readonly name = "JournalFormatError";
  readonly code = "journal_format";

  constructor(runId: string, format: number, readable: number) {
    super(
      `The journal of run ${runId} has entries in format ${format}, and this version reads up to format ${readable}: update the @orchestra packages of this worker, then resume the run`,
    );
  }

  static override isInstance(error: unknown): error is JournalFormatError {
    return OrchestraError.isNamed(error, "JournalFormatError");
  }
}
