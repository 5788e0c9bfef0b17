import { z } from "@hono/zod-openapi";

/** Headers with which a client controls its call. */
export const callHeaders = z.object({
  "x-agent-type": z.string().optional().describe("The role, if the body has none."),
  "x-orchestra-stream": z
    .enum(["live", "whole"])
    .optional()
    .describe("How a stream is sent: as it arrives, or once it is complete and checked."),
});
