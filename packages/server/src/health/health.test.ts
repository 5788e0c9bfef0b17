import { expect, test } from "vitest";
import { startServerAt, startTestServer } from "../test-support/start-test-server.ts";
import { document, startUpstream } from "../test-support/start-upstream.ts";

const ready = async (origin: string) => {
  const response = await fetch(`${origin}/readyz`);
  return { status: response.status, body: (await response.json()) as object };
};

test("/healthz and /readyz answer while the models can be reached", async () => {
  await using t = await startTestServer();
  expect((await fetch(`${t.origin}/healthz`)).status).toBe(200);
  expect(await ready(t.origin)).toEqual({
    status: 200,
    body: { status: "ready", checks: { server: { ok: true }, upstream: { ok: true } } },
  });
});

test("/readyz has the reason if the models are not available", async () => {
  await using refused = await startTestServer({ sandbox: { keys: ["sk-or-v1-another"] } });
  expect(await ready(refused.origin)).toMatchObject({
    status: 503,
    body: { checks: { upstream: { ok: false, reason: "the key was refused (HTTP 401)" } } },
  });
  const { url, [Symbol.asyncDispose]: close } = await startUpstream(document("{}"));
  await close();
  await using away = await startServerAt(url);
  expect(await ready(away.origin)).toMatchObject({
    status: 503,
    body: { checks: { upstream: { ok: false, reason: "not reached (ECONNREFUSED)" } } },
  });
});

test("a server of models without /key counts as available", async () => {
  await using upstream = await startUpstream(document("{}"));
  await using t = await startServerAt(upstream.url);
  expect((await ready(t.origin)).status).toBe(200);
});
