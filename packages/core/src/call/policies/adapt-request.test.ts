import { describe, expect, test } from "vitest";
import {
  answered,
  errorOf,
  failure,
  fakeCall,
  fakeRoute,
  runPolicy,
} from "../__fixtures__/fake-call.ts";
import { adaptRequest } from "./adapt-request.ts";

describe("adaptRequest", () => {
  test("sends the request that the route has adapted, and passes whether it is a fallback", async () => {
    const contexts: unknown[] = [];
    const adapt: ReturnType<typeof fakeRoute>["adapt"] = (request, context) => {
      contexts.push(context);
      return { ...request, model: "as the route names it" };
    };
    const routes = [fakeRoute("a", { adapt }), fakeRoute("b", { adapt })] as const;
    const t = runPolicy(adaptRequest, fakeCall({ routes }).call);
    await t.run();
    await t.run({ route: routes[1] });
    expect(t.attempts[0]?.attempt.request.model).toBe("as the route names it");
    expect(contexts).toEqual([
      { isFallback: false, runId: "run" },
      { isFallback: true, runId: "run" },
    ]);
  });

  test("remembers a refused parameter, emits an event, and gives the failure its reason", async () => {
    const { call, events } = fakeCall();
    const [route] = call.routes;
    const request = { ...call.request, temperature: 1 };
    const message = "Unsupported parameter: 'temperature' is not supported with this model.";
    const refusal = Object.assign(
      failure("invalid_request_error", { status: 400 }).withResponse(answered),
      { message },
    );
    const t = runPolicy(adaptRequest, call, [refusal]);
    const error = await errorOf(t.run({ request }));
    expect(error).toMatchObject({
      message,
      details: { kind: "invalid_request_error", status: 400, reason: "unsupported_parameter" },
      response: answered,
    });
    expect(events).toMatchObject([
      { type: "adapt", model: "a", parameter: "temperature", message },
    ]);
    expect(route.memory.fit(request)).not.toHaveProperty("temperature");
  });

  test.each([
    ["a failure that teaches nothing", failure("invalid_request_error", { status: 400 })],
    ["what is not a ModelError", new TypeError("a bug")],
  ])("throws %s unchanged", async (_, error) => {
    const { call, events } = fakeCall();
    const t = runPolicy(adaptRequest, call, [error]);
    expect(await errorOf(t.run())).toBe(error);
    expect(events).toEqual([]);
  });
});
