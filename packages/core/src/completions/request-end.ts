import type { ModelError } from "../errors/index.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";

/** How a request ended: with success or with an error. */
export interface RequestEnd {
  readonly metadata: ResponseMetadata;
  readonly error?: ModelError | undefined;
}

/** Handles the end of a request; its result replaces the metadata for the handlers after it. */
export type EndHandler = (end: RequestEnd) => Awaitable<ResponseMetadata | void>;

export type Awaitable<T> = T | Promise<T>;
