import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type Context } from "hono";
import { answerChat } from "./chat/answer-chat.ts";
import { errorBody, invalidRequest, type ApiError } from "./errors/api-error.ts";
import { toApiError } from "./errors/to-api-error.ts";
import { readiness } from "./health/answer-health.ts";
import type { UpstreamCheck } from "./health/upstream-check.ts";
import { findModel, listModels } from "./models/list-models.ts";
import type { ServerContext } from "./server-context.ts";

type Env = { readonly Bindings: HttpBindings };

/** What probes ask. They have no key. */
export interface Health {
  readonly upstream: UpstreamCheck;
  readonly isStopping: () => boolean;
}

export function createApp(context: ServerContext, health: Health): Hono<Env> {
  const app = new Hono<Env>();
  app.post("/v1/chat/completions", async ({ env }) => {
    // A chunk or an answer is written to the socket as it is, without a Response around it.
    await answerChat(context, env.incoming, env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  app.get("/v1/models", async (c) => c.json(await listModels(context)));
  app.get("/v1/models/:id{.+}", async (c) => c.json(await findModel(context, c.req.param("id"))));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const { status, body } = await readiness(health.upstream, health.isStopping());
    return c.json(body, status);
  });
  for (const [path, methods] of Object.entries(otherMethods)) {
    app.all(path, (c) => respond(c, methodNotAllowed(c.req.method, methods)));
  }
  app.all("/v1/responses", (c) => respond(c, noResponses()));
  app.notFound((c) => respond(c, notFound()));
  app.onError((error, c) => {
    const answer = toApiError(error);
    if (answer.details.status === 500) {
      context.orchestra.logger.error("A request failed", { error });
    }
    return respond(c, answer);
  });
  return app;
}

/** Paths, and the methods that they have. */
const otherMethods = {
  "/v1/chat/completions": "POST",
  "/v1/models": "GET",
  "/v1/models/:id{.+}": "GET",
  "/healthz": "GET",
  "/readyz": "GET",
} as const;

function respond(c: Context<Env>, error: ApiError): Response {
  const { status, headers } = error.details;
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, String(value));
  c.header("content-type", "application/json");
  return c.body(errorBody(error), status as 404);
}

function methodNotAllowed(method: string, methods: string): ApiError {
  return invalidRequest(`The path does not take ${method}: expected ${methods}.`, {
    status: 405,
    code: "method_not_allowed",
    headers: { allow: methods },
  });
}

function noResponses(): ApiError {
  return invalidRequest(
    "This server has no Responses API. Use POST /v1/chat/completions: client.chat.completions.create() of the openai package, ChatOpenAI with useResponsesApi: false.",
    { status: 404, code: "not_supported" },
  );
}

function notFound(): ApiError {
  return invalidRequest(
    "There is no such path. The server has POST /v1/chat/completions, GET /v1/models, GET /healthz and GET /readyz.",
    { status: 404, code: "not_found" },
  );
}
