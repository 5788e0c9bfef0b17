import type { z } from "@hono/zod-openapi";

/** A body, or an answer, as JSON. TypeScript 7 does not see the types that the library adds to zod. */
export function json(schema: z.ZodType) {
  return { "application/json": { schema: schema as never } };
}
