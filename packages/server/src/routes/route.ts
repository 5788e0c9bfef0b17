import type { IncomingMessage, ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createRoute, type OpenAPIHono, type RouteConfig, type z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { ServerContext } from "../server-context.ts";
import type { Access } from "./access.ts";
import { errorResponse } from "./error-schema.ts";
import { json } from "./json-content.ts";
import { refuseInvalid } from "./invalid-input.ts";
import { readBody } from "./read-body.ts";
import type { ServerEnv } from "./server-env.ts";

export type ServerApp = OpenAPIHono<ServerEnv>;

/** One path with one method. `app.ts` lists all. */
export interface Route {
  readonly method: "get" | "post" | "delete";
  /** As OpenAPI writes it, such as `/v1/runs/{id}`. */
  readonly path: string;
  readonly access: Access;
  /** Answers its requests, if the route writes its answers itself. */
  readonly handle?: RawHandler;
  /** Adds it to an app, and to its OpenAPI document. */
  readonly mount: (app: ServerApp, context: ServerContext) => void;
}

interface Description extends Pick<Route, "method" | "path" | "access"> {
  /** Heading of its section on the reference page. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
}

type Fields = z.ZodObject;

/** A route with JSON input and output. */
export interface JsonRoute<
  Params extends Fields,
  Query extends Fields,
  Headers extends Fields,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends Description {
  readonly params?: Params;
  readonly query?: Query;
  /** Names in lower case. */
  readonly headers?: Headers;
  readonly body?: Body;
  readonly answer: Answer;
  /** @defaultValue `200` */
  readonly status?: 200 | 201;
  /** Another status that it may set, with the same answer. */
  readonly otherStatus?: 503;
}

/** The parts of a request, after its route's schemas have parsed them. */
export interface RouteInput<Params, Query, Headers, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  readonly c: Context<ServerEnv>;
}

/** Declares a JSON route: its input is checked, and its output is typed, by the schemas that the document shows. */
export function jsonRoute<
  Answer extends z.ZodType,
  Params extends Fields = Fields,
  Query extends Fields = Fields,
  Headers extends Fields = Fields,
  Body extends z.ZodType = z.ZodType,
>(
  route: JsonRoute<Params, Query, Headers, Body, Answer>,
  handle: (
    context: ServerContext,
    input: RouteInput<z.output<Params>, z.output<Query>, z.output<Headers>, z.output<Body>>,
  ) => z.input<Answer> | Promise<z.input<Answer>>,
): Route {
  const { method, path, access, params, query, headers, body, answer } = route;
  const { status = 200, otherStatus } = route;
  const described = { description: "The answer.", content: json(answer) };
  const isBodyNeeded = body !== undefined && !body.safeParse({}).success;
  const config = createRoute({
    ...documented(route),
    request: {
      ...({ params, query, headers } as RouteConfig["request"]),
      ...(body ? { body: { content: json(body), required: isBodyNeeded } } : {}),
    },
    responses: {
      [status]: described,
      ...(otherStatus === undefined ? {} : { [otherStatus]: described }),
      default: errorResponse,
    },
  });
  const mount = (app: ServerApp, context: ServerContext): void => {
    const allow: MiddlewareHandler<ServerEnv> = ({ env }, next) => {
      context.clients.of(env.incoming).requireScope(access);
      return next();
    };
    // A request that is not allowed is not read.
    const middleware = body ? [allow, readBody(context.settings.maxBodyBytes)] : [allow];
    const answerWith = async (c: Context<ServerEnv>): Promise<Response> => {
      const valid = (target: "param" | "query" | "header" | "json") =>
        c.req.valid<never>(target as never);
      const input = {
        params: valid("param"),
        query: valid("query"),
        headers: valid("header"),
        body: valid("json"),
        c,
      };
      c.status(status);
      return c.json((await handle(context, input)) as object);
    };
    app.openapi({ ...config, middleware }, answerWith as never, refuseInvalid(route) as never);
  };
  return { method, path, access, mount };
}

/** Answers a request by writing to its connection. */
export type RawHandler = (
  context: ServerContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  params: Readonly<Record<string, string>>,
) => Promise<void>;

/** A route that writes its answer itself: because it is streamed, or must be fast. */
export interface RawRoute extends Description {
  readonly request?: RouteConfig["request"];
  readonly responses: RouteConfig["responses"];
}

/** Declares a route that the document describes, and that reads and answers its requests itself. */
export function rawRoute(route: RawRoute, answer: RawHandler): Route {
  const { method, path, access, request, responses } = route;
  const handle: RawHandler = async (context, incoming, outgoing, params) => {
    context.clients.of(incoming).requireScope(access);
    await answer(context, incoming, outgoing, params);
  };
  const config = createRoute({
    ...documented(route),
    ...(request ? { request } : {}),
    responses: { ...responses, default: errorResponse },
  });
  const mount = (app: ServerApp, context: ServerContext): void => {
    app.openAPIRegistry.registerPath(config);
    app.on(method, config.getRoutingPath(), async (c) => {
      // A chunk or an answer is written to the socket unchanged, without a Response around it.
      await handle(context, c.env.incoming, c.env.outgoing, c.req.param());
      return RESPONSE_ALREADY_SENT;
    });
  };
  return { method, path, access, handle, mount };
}

function documented({ method, path, access, tag, summary, description }: Description) {
  return {
    method,
    path,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: access === "public" ? [] : [{ key: access === "any" ? [] : [access] }],
  };
}
