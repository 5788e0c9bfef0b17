import { z } from "zod";

/** A model that is set in each request, because no setting has one. */
export const modelId = z
  .string("is not a model id: expected a text without spaces")
  .regex(/^\S+$/, "is not a model id: expected a text without spaces");

/** A text for a model; providers refuse empty ones. */
export const text = z.string("must be a text").min(1, "is empty: expected a text");
