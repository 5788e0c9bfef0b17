import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { chatRoutes } from "./chat/routes.ts";
import { errorBody, invalidRequest, type ApiError } from "./errors/api-error.ts";
import { toApiError } from "./errors/to-api-error.ts";
import { healthRoutes } from "./health/routes.ts";
import { modelRoutes } from "./models/routes.ts";
import { registerSecurity } from "./openapi/document.ts";
import { openApiRoutes } from "./openapi/routes.ts";
import type { ServerApp } from "./routes/route.ts";
import { RouteTable } from "./routes/route-table.ts";
import type { ServerEnv } from "./routes/server-env.ts";
import type { ServerContext } from "./server-context.ts";

/** All routes, in the order of the reference page. */
export const routeTable = new RouteTable([
  ...chatRoutes,
  ...modelRoutes,
  ...healthRoutes,
  ...openApiRoutes,
]);

export function createApp(context: ServerContext): ServerApp {
  const app: ServerApp = new OpenAPIHono<ServerEnv>();
  registerSecurity(app);
  for (const route of routeTable.routes) route.mount(app, context);
  app.all("/v1/responses", (c) => respond(c, noResponses()));
  app.notFound((c) => respond(c, routeTable.refusal(c.req.method, c.req.path)));
  app.onError((error, c) => {
    const answer = toApiError(error);
    if (answer.details.status === 500) {
      context.orchestra.logger.error("A request failed", { error });
    }
    return respond(c, answer);
  });
  return app;
}

function respond(c: Context<ServerEnv>, error: ApiError): Response {
  const { status, headers } = error.details;
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, String(value));
  c.header("content-type", "application/json");
  return c.body(errorBody(error), status as 404);
}

function noResponses(): ApiError {
  return invalidRequest(
    "This server has no Responses API. Use POST /v1/chat/completions: client.chat.completions.create() of the openai package, ChatOpenAI with useResponsesApi: false.",
    { status: 404, code: "not_supported" },
  );
}
