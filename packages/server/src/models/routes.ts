import { z } from "@hono/zod-openapi";
import { jsonRoute } from "../routes/route.ts";
import { findModel, listModels } from "./list-models.ts";
import { modelSchema } from "./model-schema.ts";

const tag = "Models";

export const modelRoutes = [
  jsonRoute(
    {
      method: "get",
      path: "/v1/models",
      access: "chat",
      tag,
      summary: "List roles and models",
      description: "The roles first, then the models of OpenRouter's catalog.",
      answer: z.object({ object: z.literal("list"), data: z.array(modelSchema) }),
    },
    listModels,
  ),
  jsonRoute(
    {
      method: "get",
      path: "/v1/models/{id}",
      access: "chat",
      tag,
      summary: "Get a role or a model",
      params: z.object({ id: z.string().meta({ examples: ["agent:researcher"] }) }),
      answer: modelSchema,
    },
    (context, { params }) => findModel(context, params.id),
  ),
  jsonRoute(
    {
      method: "get",
      path: "/v1/models/{author}/{slug}",
      access: "chat",
      tag,
      summary: "Get a model",
      description: "For an id with a slash, such as openai/gpt-4o.",
      params: z.object({ author: z.string(), slug: z.string() }),
      answer: modelSchema,
    },
    (context, { params: { author, slug } }) => findModel(context, `${author}/${slug}`),
  ),
];
