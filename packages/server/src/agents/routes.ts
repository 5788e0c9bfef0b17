import { z } from "@hono/zod-openapi";
import { json } from "../routes/json-content.ts";
import { jsonRoute, rawRoute } from "../routes/route.ts";
import { usageSchema } from "../runs/run-schema.ts";
import { agentRequestSchema, invokeAgent, streamAgent } from "./call-agent.ts";

const tag = "Agents";
const params = z.object({ role: z.string().meta({ examples: ["researcher"] }) });
const resultSchema = z
  .object({ output: z.unknown(), runId: z.string(), usage: usageSchema })
  .meta({ id: "AgentResult" });

export const agentRoutes = [
  jsonRoute(
    {
      method: "get",
      path: "/v1/agents",
      access: "chat",
      tag,
      summary: "List the agents",
      answer: z.object({ agents: z.array(z.object({ role: z.string() })).readonly() }),
    },
    ({ agents }) => ({ agents: agents.names.map((role) => ({ role })) }),
  ),
  jsonRoute(
    {
      method: "post",
      path: "/v1/agents/{role}/invoke",
      access: "chat",
      tag,
      summary: "Call an agent",
      description:
        "With its prompt, its tools and its schemas. The call ends if the client disconnects.",
      params,
      body: agentRequestSchema,
      answer: resultSchema,
    },
    (context, { params: { role }, body, c }) => invokeAgent(context, role, body, c.env.outgoing),
  ),
  rawRoute(
    {
      method: "post",
      path: "/v1/agents/{role}/stream",
      access: "chat",
      tag,
      summary: "Call an agent, and follow its answer",
      description:
        "Server-sent events: the events of the agent, and delta for each piece of its answer: { text }, or { output } with the output so far. The last one is result, as in the answer of invoke, or error.",
      request: { params, body: { content: json(agentRequestSchema), required: true } },
      responses: {
        200: {
          description: "The events.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
      },
    },
    streamAgent,
  ),
];
