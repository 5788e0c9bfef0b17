import { afterAll, beforeAll, expect, test } from "vitest";
import { routeTable } from "../app.ts";
import { errorOf } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";
import type { OpenApiDocument } from "./document.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({ server: { keys: ["a-key-of-one-team-0123"] } });
});
afterAll(() => t[Symbol.asyncDispose]());

async function document(): Promise<OpenApiDocument> {
  const response = await fetch(`${t.origin}/openapi.json`);
  expect(response.headers.get("content-type")).toMatch("application/json");
  return (await response.json()) as OpenApiDocument;
}

test("the document has every route of the table, with the scope that it needs", async () => {
  const { openapi, paths } = await document();
  expect(openapi).toBe("3.1.0");
  const described = Object.entries(paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as object).map(([method, operation]) => {
      const [required] = (operation as { security: { key: string[] }[] }).security;
      return [method, path, required ? (required.key[0] ?? "any") : "public"].join(" ");
    }),
  );
  const listed = routeTable.routes.map(({ method, path, access }) => `${method} ${path} ${access}`);
  expect(described.toSorted()).toEqual(listed.toSorted());
});

test("every reference of the document leads to something in it", async () => {
  const described = await document();
  const references = [...JSON.stringify(described).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(0);
  for (const [, path = ""] of references) {
    const found = path.split("/").reduce<unknown>((at, key) => (at as never)[key], described);
    expect({ path, found }).not.toMatchObject({ found: undefined });
  }
});

test("every pattern of the document accepts an ordinary id", async () => {
  const described = JSON.stringify(await document());
  const patterns = [...described.matchAll(/"pattern":("[^"]*")/g)];
  expect(patterns.length).toBeGreaterThan(0);
  for (const [, pattern = ""] of patterns) {
    expect("order-7").toMatch(new RegExp(JSON.parse(pattern) as string, "u"));
  }
});

test("the reference page shows every path, and loads nothing", async () => {
  const response = await fetch(`${t.origin}/docs`);
  const page = await response.text();
  for (const { path } of routeTable.routes) expect(page).toContain(`<code>${path}</code>`);
  expect(page).not.toMatch(/<script|src=|https?:\/\//);
});

test("a path that is nearly right is refused with the right one", async () => {
  const headers = { authorization: "Bearer a-key-of-one-team-0123" };
  const response = await fetch(`${t.origin}/v1/chat/completion`, { method: "POST", headers });
  expect(response.status).toBe(404);
  expect((await errorOf(response)).message).toContain("Did you mean /v1/chat/completions?");
});

test("a dot in the path of a route is only a dot", async () => {
  const headers = { authorization: "Bearer a-key-of-one-team-0123" };
  const response = await fetch(`${t.origin}/openapi-json`, { headers });
  expect(response.status).toBe(404);
  expect((await errorOf(response)).message).toContain("Did you mean /openapi.json?");
});
