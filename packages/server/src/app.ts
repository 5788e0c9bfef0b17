import type { HttpBindings } from "@hono/node-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { agentRoutes } from "./agents/routes.ts";
import { HTTPException } from "hono/http-exception";
import { chatRoutes } from "./chat/routes.ts";
import { errorBody, invalidRequest, type ApiError } from "./errors/api-error.ts";
import { healthRoutes } from "./health/routes.ts";
import { modelRoutes } from "./models/routes.ts";
import { metricsRoutes } from "./metrics/routes.ts";
import { registerSecurity } from "./openapi/document.ts";
import { openApiRoutes } from "./openapi/routes.ts";
import { responsesRoutes } from "./responses/routes.ts";
import type { ServerApp } from "./routes/route.ts";
import { RouteTable } from "./routes/route-table.ts";
import type { ServerEnv } from "./routes/server-env.ts";
import { runRoutes } from "./runs/routes.ts";
import { pathOf } from "./http/path-of.ts";
import type { ServerContext } from "./server-context.ts";
import { usageRoutes } from "./usage/routes.ts";

/** All routes, in the order of the reference page. */
export const routeTable = new RouteTable([
  ...chatRoutes,
  ...responsesRoutes,
  ...modelRoutes,
  ...agentRoutes,
  ...runRoutes,
  ...usageRoutes,
  ...healthRoutes,
  ...metricsRoutes,
  ...openApiRoutes,
]);

export function createApp(context: ServerContext): ServerApp {
  const app: ServerApp = new OpenAPIHono<ServerEnv>({
    getPath: (_, { env } = {}) => pathOf((env as HttpBindings).incoming),
  });
  registerSecurity(app);
  for (const route of routeTable.routes) route.mount(app, context);
  app.notFound((c) => respond(c, routeTable.refusal(c.req.method, c.req.path)));
  app.onError((error, c) => respond(c, context.answerError(ofHono(error))));
  return app;
}

function respond(c: Context<ServerEnv>, error: ApiError): Response {
  const { status, headers } = error.details;
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, String(value));
  c.header("content-type", "application/json");
  return c.body(errorBody(error), status as 404);
}

/** The error for a request that Hono refuses, such as one with another content type, in this server's form. */
function ofHono(error: Error): Error {
  if (!(error instanceof HTTPException)) return error;
  const { status, message } = error;
  return invalidRequest(message || "The request cannot be read.", { status });
}
