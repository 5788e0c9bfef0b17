import { issues } from "@orchestra/core/extend";
import { invalidRequest, type ApiError } from "../errors/api-error.ts";
import type { Route } from "./route.ts";

/** All routes: says which of them take no key, and what is wrong with a request that none of them takes. */
export class RouteTable {
  readonly routes: readonly Route[];
  readonly #public: ReadonlySet<string>;
  readonly #patterns: readonly { readonly pattern: RegExp; readonly method: string }[];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    this.#public = new Set(routes.flatMap((each) => (each.access === "public" ? each.path : [])));
    this.#patterns = routes.map(({ path, method }) => ({
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      method: method.toUpperCase(),
    }));
  }

  /** Whether a request for a URL needs no key. */
  isPublic(url: string): boolean {
    const query = url.indexOf("?");
    return this.#public.has(query < 0 ? url : url.slice(0, query));
  }

  /** Why no route takes a request: its path has other methods, or there is no such path. */
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
    return invalidRequest(`There is no such path.${advice} GET /openapi.json lists all.`, {
      status: 404,
      code: "not_found",
    });
  }
}

function methodNotAllowed(method: string, methods: readonly string[]): ApiError {
  const allow = methods.join(", ");
  return invalidRequest(`The path does not take ${method}: expected ${methods.join(" or ")}.`, {
    status: 405,
    code: "method_not_allowed",
    headers: { allow },
  });
}
