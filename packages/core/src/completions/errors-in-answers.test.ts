import { describe, expect, test } from "vitest";
import { chunk, completion, done } from "./__fixtures__/completions.ts";
import { failureOf, readLive, sendBody, start, textOf } from "./__fixtures__/exchange.ts";
import { sendEvents } from "./__fixtures__/loopback.ts";

const failures: [body: object, kind: string, message: string][] = [
  [{ detail: "Not authenticated" }, "authentication_error", "Not authenticated"],
  [{ code: 1001, msg: "invalid api key" }, "authentication_error", "invalid api key"],
  [{ error: "Unauthorized" }, "authentication_error", "Unauthorized"],
  [{ error: true, message: "Invalid token" }, "authentication_error", "Invalid token"],
  [{ error: "invalid_api_key", message: "No" }, "authentication_error", "No"],
  [{ message: "Forbidden" }, "permission_error", "Forbidden"],
  [{ Message: "Access denied" }, "permission_error", "Access denied"],
  [{ message: "No", status: 401 }, "authentication_error", "No"],
  [{ message: "No", status: "429" }, "rate_limit_error", "No"],
  [{ success: false, message: "Too many requests" }, "rate_limit_error", "Too many requests"],
  [
    { success: false, error: { message: "Out of credits" } },
    "insufficient_credits_error",
    "Out of credits",
  ],
  [
    { success: false, errors: [{ code: 10000, message: "Authentication error" }], result: null },
    "authentication_error",
    "Authentication error",
  ],
  [{ errors: ["Rate limit reached"] }, "rate_limit_error", "Rate limit reached"],
  [{ errors: [{ status: 402, title: "Payment" }] }, "insufficient_credits_error", "Payment"],
  [
    { ok: false, errmsg: "Insufficient balance" },
    "insufficient_credits_error",
    "Insufficient balance",
  ],
  [{ status: "error", message: "The request timed out" }, "timeout_error", "The request timed out"],
  [
    { status: "fail", msg: "Invalid parameter: messages" },
    "invalid_request_error",
    "Invalid parameter: messages",
  ],
  [{ fault: { faultstring: "Invalid ApiKey" } }, "authentication_error", "Invalid ApiKey"],
  [{ errorCode: 503, errorMessage: "No" }, "service_error", "No"],
  [
    { error: "invalid_token", error_description: "It is over" },
    "authentication_error",
    "It is over",
  ],
  [{ code: "20012", msg: "Model does not exist" }, "invalid_request_error", "Model does not exist"],
  [{ code: 500, msg: "Something else" }, "service_error", "Something else"],
  [{ code: 7, msg: "Something else" }, "service_error", "Something else"],
  [
    { error: { message: "This prompt is too long: maximum context length is 8192 tokens" } },
    "invalid_request_error",
    "This prompt is too long: maximum context length is 8192 tokens",
  ],
];

describe("an error in a 200 has the kind that its words have:", () => {
  test.each(failures)("%j", async (body, kind, message) => {
    const json = JSON.stringify(body);
    await using t = await start((response) => sendBody(response, json, "application/json"));
    await using s = await start((response) =>
      sendBody(response, `data: ${json}\n\ndata: [DONE]\n\n`),
    );
    for (const work of [t.whole, t.live, s.whole, s.live]) {
      const failure = await failureOf(work());
      expect([failure.kind, failure.message]).toEqual([kind, message]);
    }
  });

  test("a prompt that is too long keeps its reason", async () => {
    const body = '{"success":false,"message":"input is too long for this model"}';
    await using t = await start((response) => sendBody(response, body));
    expect((await failureOf(t.whole())).details.reason).toBe("context_length_exceeded");
  });

  test("a wrong key that is called a wrong argument is a wrong key", async () => {
    const error = {
      code: 400,
      message: "API key not valid. Please pass a valid API key.",
      status: "INVALID_ARGUMENT",
    };
    await using t = await start(
      (response) => void response.writeHead(400).end(JSON.stringify({ error })),
    );
    expect((await failureOf(t.whole())).kind).toBe("authentication_error");
  });
});

describe("answers without an error do not fail:", () => {
  test.each([
    [{ code: 0, msg: "success" }],
    [{ code: 200, message: "ok" }],
    [{ code: "success", success: true, errors: [] }],
    [{ status: "completed", message: "" }],
    [{ error: null, errors: null }],
  ])("%j around the choices", async (fields) => {
    await using t = await start((response) =>
      sendBody(response, JSON.stringify(completion({}, fields))),
    );
    expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello there");
  });

  test("a message of a proxy among the chunks", async () => {
    const events = [
      { message: "queued" },
      { status: "processing" },
      chunk({ content: "Hello" }),
      chunk({}, "stop"),
      done,
    ];
    await using t = await start((response) => void sendEvents(response, events).end());
    expect(textOf(await readLive(t.live()))).toBe("Hello");
  });
});
