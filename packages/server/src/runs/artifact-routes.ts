import { z } from "@hono/zod-openapi";
import { jsonRoute, rawRoute } from "../routes/route.ts";
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
      description: "None where the folder of the run is not on the server's machine.",
      params: runParams,
      answer: z.object({ artifacts: z.array(artifactSchema).readonly() }),
    },
    async (context, { params: { id } }) => {
      const found = await requireRuntime(context).artifacts(id);
      return { artifacts: found.map((each) => ({ ...each, mediaType: mediaTypeOf(each.name) })) };
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
          "if-none-match": z.string().optional().describe("The etag of an answer before."),
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
