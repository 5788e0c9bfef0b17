import { z } from "@hono/zod-openapi";

/** Fields of a request's body, in any API, that select its model. */
export const roleFields = {
  model: z
    .string()
    .nullish()
    .meta({
      description: "agent:<role>, or an id of the catalog. Ignored if agent_type is set.",
      examples: ["agent:researcher"],
    }),
  agent_type: z
    .string()
    .nullish()
    .describe("The role: its model, its request fields and its limits apply."),
};
