import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { OpenRouterApi } from "./openrouter-api.ts";

/** An API whose `fetch` is given, and the requests that it was asked for. */
function apiWith(answer: (signal: AbortSignal) => Promise<Response>, apiKey?: string) {
  const clock = new FakeClock(0);
  const requests: { readonly url: string; readonly headers: unknown }[] = [];
  const fetch = async (url: unknown, { headers, signal }: RequestInit = {}) => {
    requests.push({ url: String(url), headers });
    return answer(signal as AbortSignal);
  };
  const api = new OpenRouterApi({ baseUrl: "https://host/api/v1", apiKey, clock, fetch });
  return { api, clock, requests };
}

const limits = { timeoutMs: 1000, maxBytes: 1000 };

describe("OpenRouterApi", () => {
  test("asks for a document with its key, and returns its JSON", async () => {
    const { api, requests, clock } = apiWith(async () => Response.json({ data: 1 }), "sk-test");
    const answer = await api.get("/key", limits);
    expect(answer).toMatchObject({ status: 200, body: { data: 1 } });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(requests).toEqual([
      { url: "https://host/api/v1/key", headers: { Authorization: "Bearer sk-test" } },
    ]);
    expect(clock.sleeping).toBe(0);
  });

  test("sends no Authorization without a key", async () => {
    const { api, requests } = apiWith(async () => Response.json({}));
    await api.get("/models", limits);
    expect(requests[0]?.headers).toEqual({});
  });

  test("returns nothing for an error status, and leaves no body unread", async () => {
    const response = new Response("not found", { status: 404 });
    const { api, clock } = apiWith(async () => response);
    const { status, body } = await api.get("/generation?id=gen-1", limits);
    expect({ status, body }).toEqual({ status: 404, body: undefined });
    expect(response.bodyUsed).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  test("fails for a body that is not JSON", async () => {
    const { api, clock } = apiWith(async () => new Response("<html>"));
    await expect(api.get("/key", limits)).rejects.toThrow("JSON");
    expect(clock.sleeping).toBe(0);
  });

  test("rejects with the reason of an abort, though the server never answers", async () => {
    const { api, clock } = apiWith(() => new Promise(() => undefined));
    const controller = new AbortController();
    const outcome = api.get("/key", { ...limits, signal: controller.signal });
    controller.abort(new Error("stopped"));
    await expect(outcome).rejects.toThrow("stopped");
    expect(clock.sleeping).toBe(0);
  });

  test("fails at the time limit, and not a millisecond before, though the server never answers", async () => {
    let sent: AbortSignal | undefined;
    const { api, clock } = apiWith((signal) => {
      sent = signal;
      return new Promise(() => undefined);
    });
    const outcome = api.get("/key", limits).catch((error: unknown) => error);
    await clock.advance(999);
    expect(sent?.aborted).toBe(false);
    await clock.advance(1);
    expect(sent?.aborted).toBe(true);
    expect(await outcome).toMatchObject({
      name: "TimeoutError",
      message: "GET /key took longer than 1000 ms",
    });
  });

  test("fails for a body above the limit of bytes, and closes it", async () => {
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(600)),
      cancel: () => {
        isCancelled = true;
      },
    });
    const { api } = apiWith(async () => new Response(endless));
    await expect(api.get("/models", limits)).rejects.toMatchObject({
      details: { kind: "invalid_response_error", reason: "too_large" },
    });
    expect(isCancelled).toBe(true);
  });

  test("follows no redirect, and names the origin of its target alone", async () => {
    const headers = { location: "https://other.example/steal?key=sk-test" };
    const { api } = apiWith(async () => new Response(undefined, { status: 307, headers }));
    const error: unknown = await api.get("/key", limits).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ details: { reason: "redirect", status: 307 } });
    expect(String(error)).toContain("redirects to https://other.example (");
  });

  test("limits the time of a body too", async () => {
    const { api, clock } = apiWith(async () => new Response(new ReadableStream()));
    const outcome = api.get("/models", limits).catch((error: unknown) => error);
    await clock.advance(1000);
    expect(await outcome).toMatchObject({ message: "GET /models took longer than 1000 ms" });
  });
});
