import type { Usage } from "../usage/usage.ts";
import { OrchestraError } from "./orchestra-error.ts";

/** A live stream broke after its first token was sent, so another model could not continue it. */
export class StreamInterruptedError extends OrchestraError {
  override readonly name = "StreamInterruptedError";
  readonly code = "stream_interrupted";
  /** The text that has arrived. */
  readonly partialText: string;
  readonly model: string;
  /** The usage that the provider has reported; usually none, because usage comes last. */
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
