import { z } from "@hono/zod-openapi";
import { rawRoute } from "../routes/route.ts";
import { followRun } from "./follow-run.ts";
import { runParams, tag } from "./run-route.ts";

const position = z.string().optional();

export const eventsRoute = rawRoute(
  {
    method: "get",
    path: "/v1/runs/{id}/events",
    access: "runs:read",
    tag,
    summary: "Follow the events of a run",
    description:
      "Server-sent events: the stored ones, then new ones until the run ends, with the pieces of answers as they arrive. A client that was cut off continues with Last-Event-ID: no event is missing or repeated.",
    request: {
      params: runParams,
      headers: z.object({
        "last-event-id": position.describe("The id of the client's last event."),
      }),
      query: z.object({
        after: position.describe("The same, for a client that cannot send headers."),
      }),
    },
    responses: {
      200: {
        description: "The events. The id of each is its cursor, the event its type, the data JSON.",
        content: { "text/event-stream": { schema: { type: "string" } } },
      },
      204: { description: "The run has ended, and the client has all its events." },
    },
  },
  followRun,
);
