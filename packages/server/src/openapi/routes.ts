import type { Route, ServerApp } from "../routes/route.ts";
import { describeServer } from "./document.ts";
import { referencePage } from "./reference-page.ts";

/** The OpenAPI document, and a page for people. Both are created once, from the routes that the app then has. */
export const openApiRoutes: readonly Route[] = [
  publicRoute("/openapi.json", "This document", "application/json", "object", (app) => {
    let text: string | undefined;
    return () => (text ??= JSON.stringify(describeServer(app)));
  }),
  publicRoute("/docs", "The reference page of this document", "text/html", "string", (app) => {
    let page: string | undefined;
    return () => (page ??= referencePage(describeServer(app)));
  }),
];

function publicRoute(
  path: string,
  summary: string,
  mediaType: string,
  schemaType: "object" | "string",
  createContent: (app: ServerApp) => () => string,
): Route {
  const mount = (app: ServerApp): void => {
    app.openAPIRegistry.registerPath({
      method: "get",
      path,
      tags: ["Operation"],
      summary,
      security: [],
      responses: {
        200: { description: summary, content: { [mediaType]: { schema: { type: schemaType } } } },
      },
    });
    const content = createContent(app);
    app.get(path, (c) =>
      c.body(content(), 200, {
        "content-type": `${mediaType}; charset=utf-8`,
        // The page has no script and loads nothing.
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        "x-content-type-options": "nosniff",
      }),
    );
  };
  return { method: "get", path, access: "public", mount };
}
