import type { IncomingMessage } from "node:http";
import { issues } from "@orchestra/core/extend";
import { invalidRequest, type ApiError } from "../errors/api-error.ts";
import { pathOf } from "../http/path-of.ts";
import type { RawHandler, Route } from "./route.ts";

/** All routes: finds those without a key, those without Hono's router, and the error for a request without a route. */
export class RouteTable {
  readonly routes: readonly Route[];
  readonly #public: ReadonlySet<string>;
  readonly #direct = new Map<string, RawHandler>();
  readonly #patterns: readonly {
    readonly path: string;
    readonly pattern: RegExp;
    readonly method: string;
  }[];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    this.#public = new Set(routes.flatMap((each) => (each.access === "public" ? each.path : [])));
    for (const { method, path, handle } of routes) {
      const isFixed = !path.includes("{");
      if (handle && isFixed) this.#direct.set(`${method.toUpperCase()} ${path}`, handle);
    }
    this.#patterns = routes.map(({ path, method }) => ({
      path,
      pattern: patternOf(path),
      method: method.toUpperCase(),
    }));
  }

  /** Whether a request needs no key. */
  isPublic(incoming: IncomingMessage): boolean {
    return this.#public.has(pathOf(incoming));
  }

  /**
   * The handler that answers a request by writing to its connection. Hono would create a `Request` and a `Response` for it,
   * which are not needed.
   */
  direct(incoming: IncomingMessage): RawHandler | undefined {
    return this.#direct.get(`${incoming.method} ${pathOf(incoming)}`);
  }

  /** The path of the route for a request, as OpenAPI writes it. */
  pathOf(incoming: IncomingMessage): string | undefined {
    const asked = pathOf(incoming);
    return this.#patterns.find(
      ({ method, pattern }) => method === incoming.method && pattern.test(asked),
    )?.path;
  }

  /** The reason why there is no route for a request: its path has other methods, or does not exist. */
  refusal(method: string, path: string): ApiError {
    const methods = this.#patterns
      .filter(({ pattern }) => pattern.test(path))
      .map(({ method: each }) => each);
    if (methods.length > 0) return methodNotAllowed(method, [...new Set(methods)].toSorted());
    const nearest = issues.nearestName(
      path,
      this.routes.map((route) => route.path),
    );
    const advice = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
    return invalidRequest(
      `There is no such path.${advice} GET /openapi.json lists all, and /docs shows them in a browser.`,
      { status: 404, code: "not_found" },
    );
  }
}

/** Matches the paths of a route: each parameter, such as `{id}`, is one segment. */
function patternOf(path: string): RegExp {
  const source = path.replaceAll(".", String.raw`\.`).replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${source}$`);
}

function methodNotAllowed(method: string, methods: readonly string[]): ApiError {
  const allow = methods.join(", ");
  return invalidRequest(`The path does not take ${method}: expected ${methods.join(" or ")}.`, {
    status: 405,
    code: "method_not_allowed",
    headers: { allow },
  });
}
