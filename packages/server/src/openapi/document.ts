import type { ServerApp } from "../routes/route.ts";

/** The parts of an OpenAPI document that the reference page reads. */
export type OpenApiDocument = ReturnType<ServerApp["getOpenAPI31Document"]>;

/** Describes all routes of a server, as OpenAPI 3.1. */
export function describeServer(app: ServerApp): OpenApiDocument {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Orchestra",
      version: "1",
      description:
        "OpenAI's chat completions and responses for roles, agents, durable runs, and their usage.",
    },
    security: [{ key: [] }],
  });
  return JSON.parse(JSON.stringify(document), withoutFlags) as OpenApiDocument;
}

/** `zod-to-openapi` writes the slash and the flag of a regular expression into its pattern. */
function withoutFlags(key: string, value: unknown): unknown {
  return key === "pattern" && typeof value === "string" ? value.replace(/\/u$/, "") : value;
}

/** Adds the schemas that routes refer to. */
export function registerSecurity(app: ServerApp): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "A key of the server. If the server has no keys, requests need none.",
  });
}
