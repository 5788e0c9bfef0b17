import { z } from "@hono/zod-openapi";
import { jsonRoute, rawRoute } from "../routes/route.ts";
import { wholeNumber } from "../routes/whole-number.ts";
import { mediaTypeOf } from "./media-type.ts";
import { requireRuntime } from "./require-runtime.ts";
import { runParams, tag } from "./run-route.ts";
import { sendArtifact } from "./send-artifact.ts";

const artifactSchema = z
  .object({
    name: z.string().meta({ examples: ["charts/sales.csv"] }),
    bytes: z.number(),
    mediaType: z.string().describe("By the ending of the name."),
    createdAt: z.iso
      .datetime()
      .describe("When the file was written. A file that is replaced counts as new."),
  })
  .meta({ id: "Artifact" });

export const artifactRoutes = [
  jsonRoute(
    {
      method: "get",
      path: "/v1/runs/{id}/artifacts",
      access: "runs:read",
      tag,
      summary: "List the files that a run has written",
      description:
        "In the order of their names, page by page. The list is empty if the server does not have the folder of the run.",
      params: runParams,
      query: z.strictObject({
        limit: wholeNumber({ max: 1000, byDefault: 1000 }),
        after: z.string().optional().describe("The next of the previous page."),
      }),
      answer: z.object({
        artifacts: z.array(artifactSchema).readonly(),
        next: z.string().optional().describe("Cursor of the next page; absent on the last page."),
      }),
    },
    async (context, { params: { id }, query: { limit, after } }) => {
      const all = await requireRuntime(context).artifacts(id);
      const left = after === undefined ? all : all.filter(({ name }) => name > after);
      const page = left.slice(0, limit);
      const next = left.length > limit ? page.at(-1)?.name : undefined;
      return {
        artifacts: page.map((each) => ({ ...each, mediaType: mediaTypeOf(each.name) })),
        ...(next === undefined ? {} : { next }),
      };
    },
  ),
  rawRoute(
    {
      method: "get",
      path: "/v1/runs/{id}/artifacts/{name}",
      access: "runs:read",
      tag,
      summary: "Download a file that a run has written",
      request: {
        params: runParams.extend({
          name: z
            .string()
            .describe("As the list has it, encoded: a slash is %2F.")
            .meta({ examples: ["charts/sales.csv"] }),
        }),
        headers: z.object({
          "if-none-match": z.string().optional().describe("The etag of an earlier answer."),
        }),
      },
      responses: {
        200: {
          description: "The file, in the media type that the list has.",
          content: { "*/*": { schema: { type: "string", format: "binary" } } },
        },
        304: { description: "The client has the file as it is." },
      },
    },
    sendArtifact,
  ),
];
