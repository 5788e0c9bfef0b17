import { z } from "@hono/zod-openapi";
import { schemas } from "@orchestra/core/extend";

/** The end user that a client sets for its calls. */
export const userSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(schemas.noControls, "has a control character in it")
  .describe(
    "A stable id of your end user, for the sums of /v1/usage. Do not send a secret or an e-mail address.",
  );
