import { z } from "zod";

/** A model that is named in each request, because no setting names one. */
export const modelId = z
  .string("is not a model id: expected a text without spaces")
  .regex(/^\S+$/, "is not a model id: expected a text without spaces");

/** A text that a model reads; providers refuse empty ones. */
export const text = z.string("must be a text").min(1, "is empty: expected a text");
