import { OrchestraError } from "@orchestra/core/gateway";
import { issues } from "@orchestra/core/extend";

/** The runtime has no pipeline with that name. */
export class UnknownPipelineError extends OrchestraError {
  override readonly name = "UnknownPipelineError";
  readonly code = "unknown_pipeline";

  constructor(name: string, known: readonly string[]) {
    const others =
      known.length > 0
        ? `known are ${known.join(", ")}`
        : "none is known: list it in orchestra.config.ts, or in openRuntime({ pipelines })";
    const meant = issues.didYouMean(issues.nearestName(name, known));
    super(`There is no pipeline ${JSON.stringify(name)}${meant}; ${others}`);
  }

  static override isInstance(error: unknown): error is UnknownPipelineError {
    return OrchestraError.isNamed(error, "UnknownPipelineError");
  }
}
