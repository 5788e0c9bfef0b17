import type { ResponseMetadata } from "../usage/response-metadata.ts";
import type { Completion } from "./wire.ts";

/** An answer that is complete. */
export interface WholeAnswer {
  readonly kind: "whole";
  readonly completion: Completion;
  readonly metadata: ResponseMetadata;
}
