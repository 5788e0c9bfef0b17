import { createHeaders, PORTKEY_GATEWAY_URL } from "portkey-ai";
import { expect, test } from "vitest";
import { portkeyGatewayUrl, portkeyHeaders } from "./portkey-sdk.ts";

test("headers are those of portkey-ai", () => {
  const config = {
    apiKey: "pk-1",
    provider: undefined,
    virtualKey: "vault",
    customHost: "http://127.0.0.1/v1",
    config: { strategy: { mode: "fallback" } },
    traceID: "run-1",
    forwardHeaders: ["HTTP-Referer", "X-Title"],
  };
  expect(portkeyHeaders(config)).toEqual(createHeaders(config));
  expect(portkeyHeaders(config)).toMatchObject({ "x-portkey-api-key": "pk-1" });
});

test("the gateway's address is that of portkey-ai", () => {
  expect(portkeyGatewayUrl()).toBe(PORTKEY_GATEWAY_URL);
});
