import { describe, expect, test } from "vitest";
import { Orchestra } from "../../orchestra.ts";
import { silentLogger } from "../../usage/index.ts";
import { completion } from "../__fixtures__/completions.ts";

const document = JSON.stringify(completion());
const messages = [{ role: "user" as const, content: "Hi" }];

async function read(): Promise<Response> {
  const response = new Response(document);
  await response.text();
  return response;
}

function startWith(own: () => unknown) {
  return new Orchestra({
    logger: silentLogger,
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", LLM_MAX_RETRIES: "0" },
    fetch: (async (url: unknown) =>
      String(url).endsWith("/models") ? Response.json({ data: [] }) : own()) as typeof fetch,
  });
}

const senders = {
  chat: (orchestra: Orchestra) => orchestra.chat("Hi"),
  stream: async (orchestra: Orchestra) => {
    for await (const _ of await orchestra.model.stream("Hi"));
  },
  completions: (orchestra: Orchestra) => orchestra.completions.create({ messages }),
  batch: (orchestra: Orchestra) => orchestra.model.batch(["Hi"]),
};

describe.each(Object.entries(senders))("%s by a fetch of the program's own", (_, send) => {
  test.each<[string, () => unknown, string]>([
    ["undefined", () => undefined, "returned undefined: expected a Response"],
    ["null", () => null, "returned null: expected a Response"],
    ["a text", () => document, "expected a Response"],
    ["{}", () => ({}), "returned an object without a status"],
    [
      "an object with json() alone",
      () => ({ status: 200, headers: new Headers(), json() {} }),
      "not a web stream",
    ],
    ["plain headers", () => ({ status: 200, headers: {}, body: null }), "without Headers"],
    ["Response.error()", () => Response.error(), "returned Response.error()"],
    ["a response that is read already", read, "is read already"],
    [
      "a body of texts",
      () => ({ ...parts(), body: new ReadableStream({ start: (out) => out.enqueue(document) }) }),
      "has a string in it: expected Uint8Array",
    ],
  ])("that returns %s is at fault", async (__, own, problem) => {
    const failure = await send(startWith(own)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unknown_error" });
    const { message } = failure as Error;
    expect(message).toContain("options.fetch");
    expect(message).toContain(problem);
    expect(message).not.toMatch(/Cannot read|is not a function|OPENROUTER_BASE_URL/);
  });

  test.each([null, undefined, "no network", 7, Symbol("x")])(
    "that throws %o is named",
    async (thrown) => {
      const failure = await send(startWith(() => Promise.reject(thrown))).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: "connection_error" });
      expect((failure as Error).message).toContain("(options.fetch) threw ");
    },
  );

  test("whose body fails with null is named", async () => {
    const body = new ReadableStream({ start: (out) => out.error(null) });
    const failure = await send(startWith(() => ({ ...parts(), body }))).catch(
      (error: unknown) => error,
    );
    expect((failure as Error).message).toContain("options.fetch's response threw null");
  });

  test("that returns a response without a body has an empty answer", async () => {
    const failure = await send(startWith(() => new Response(null))).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "invalid_response_error" });
    expect((failure as Error).message).toContain("The answer is empty");
  });
});

function parts() {
  return { status: 200, headers: new Headers() };
}
