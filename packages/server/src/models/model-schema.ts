import { z } from "@hono/zod-openapi";

const price = z.string().optional().describe("Dollars for a token.");

/** A model in OpenAI's form, with the data of OpenRouter's catalog. */
export const modelSchema = z
  .looseObject({
    id: z.string().describe("agent:<role> for a role, an id of the catalog for a model."),
    object: z.literal("model"),
    created: z.literal(0).describe("Not known."),
    owned_by: z.string(),
    context_length: z.number().optional(),
    supported_parameters: z.array(z.string()).optional(),
    pricing: z.object({ prompt: price, completion: price }).optional(),
  })
  .meta({ id: "Model" });

export type Model = z.output<typeof modelSchema>;
