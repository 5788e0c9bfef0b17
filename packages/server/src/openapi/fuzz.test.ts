import { assert, asyncProperty } from "fast-check";
import { expect, inject, test } from "vitest";
import { openOnServer } from "@orchestra/runtime/test-support";
import { answerChecker } from "../test-support/described-answers.ts";
import { requestsFor } from "../test-support/fuzz.ts";
import { startRunServer } from "../test-support/start-run-server.ts";
import type { OpenApiDocument } from "./document.ts";

const key = "a-key-of-one-team-0123";

test("each random request to the routes of the document gets an answer that the document allows, and none a 500", async () => {
  const numRuns = inject("pace") === "long" ? 20_000 : 100;
  await using t = await startRunServer({
    database: await openOnServer(),
    server: { keys: [key] },
    environment: { LLM_MAX_RETRIES: "0", LLM_MAX_ANSWER_BYTES: "100000" },
  });
  const origin = new URL(t.url).origin;
  const described = await fetch(`${origin}/openapi.json`);
  const document = (await described.json()) as OpenApiDocument;
  const requests = requestsFor(document);
  const problemOf = answerChecker(document);
  const statuses = new Map<number, number>();
  await assert(
    asyncProperty(requests, async ({ method, route, path, headers, body }) => {
      const response = await fetch(origin + path, {
        method,
        headers: { authorization: `Bearer ${key}`, ...headers },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      // A path such as `..` leads to another route.
      const isOfRoute = new URL(response.url).pathname === path.split("?")[0];
      const { status } = response;
      const contentType = response.headers.get("content-type") ?? "";
      const problem = isOfRoute && problemOf({ method, route, status, contentType, text });
      expect({ isOfRoute, problem: problem || undefined, text }).toEqual({ isOfRoute, text });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect({ status, text }).not.toMatchObject({ status: 500 });
      expect(text).not.toContain(key);
    }),
    { numRuns, endOnFailure: true },
  );
  // Some get through, and some do not.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(0);
  expect(statuses.get(400) ?? 0).toBeGreaterThan(0);
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
});
