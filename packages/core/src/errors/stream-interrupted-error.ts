import { OrchestraError } from "./orchestra-error.ts";

/** A live stream broke after its first token was out, when no other model could take over unnoticed. */
export class StreamInterruptedError extends OrchestraError {
  override readonly name = "StreamInterruptedError";
  readonly code = "stream_interrupted";
  /** The text that had arrived. */
  readonly partialText: string;
  readonly model: string;

  constructor(model: string, partialText: string, options: ErrorOptions) {
    const why = options.cause instanceof Error ? `: ${options.cause.message}` : "";
    super(`The stream of ${model} broke after ${partialText.length} characters${why}`, options);
    this.model = model;
    this.partialText = partialText;
  }

  static override isInstance(error: unknown): error is StreamInterruptedError {
    return OrchestraError.isNamed(error, "StreamInterruptedError");
  }
}
