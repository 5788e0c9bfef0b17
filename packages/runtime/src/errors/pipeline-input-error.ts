import { OrchestraError } from "@orchestra/core";

/** The input of a run does not fit its pipeline, or cannot be stored. */
export class PipelineInputError extends OrchestraError {
  override readonly name = "PipelineInputError";
  readonly code = "pipeline_input";

  constructor(pipeline: string, problem: string) {
    super(`The pipeline ${pipeline} cannot use this input: ${problem}`);
  }

  static override isInstance(error: unknown): error is PipelineInputError {
    return OrchestraError.isNamed(error, "PipelineInputError");
  }
}
