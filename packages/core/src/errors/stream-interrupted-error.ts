import type { Usage } from "../usage/usage.ts";
import { OrchestraError } from "./orchestra-error.ts";

/** A live stream broke after its first token was out, when no other model could take over unnoticed. */
export class StreamInterruptedError extends OrchestraError {
  override readonly name = "StreamInterruptedError";
  readonly code = "stream_interrupted";
  /** The text that had arrived. */
  readonly partialText: string;
  readonly model: string;
  /** What the provider had reported; usually nothing, for usage comes last. */
  readonly usage: Usage | undefined;

  constructor(
    model: string,
    partialText: string,
    options: ErrorOptions & { readonly usage?: Usage | undefined },
  ) {
    const why = options.cause instanceof Error ? `: ${options.cause.message}` : "";
    super(`The stream of ${model} broke after ${partialText.length} characters${why}`, options);
    this.model = model;
    this.partialText = partialText;
    this.usage = options.usage;
  }

  static override isInstance(error: unknown): error is StreamInterruptedError {
    return OrchestraError.isNamed(error, "StreamInterruptedError");
  }
}
