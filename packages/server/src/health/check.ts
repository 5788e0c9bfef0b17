import { z } from "@hono/zod-openapi";

export const checkSchema = z.object({
  ok: z.boolean(),
  reason: z.string().optional().describe("The problem, or other information."),
});

/** Whether one part can be used, and the reason if not. */
export type Check = z.output<typeof checkSchema>;
