import type { ServerApp } from "../routes/route.ts";

/** The parts of an OpenAPI document that the reference page reads. */
export type OpenApiDocument = ReturnType<ServerApp["getOpenAPI31Document"]>;

/** Describes all routes of a server, as OpenAPI 3.1. */
export function describeServer(app: ServerApp): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Orchestra",
      version: "1",
      description: "OpenAI's chat completions for roles, durable runs, and their usage.",
    },
    security: [{ key: [] }],
  });
}

/** Adds the schemas that routes refer to. */
export function registerSecurity(app: ServerApp): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "A key of the server. If the server has no keys, requests need none.",
  });
}
