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

test("ids, models and URLs in other alphabets are sent in ASCII, and read back", () => {
  const text = "Läufe/日本-😀 1";
  const sent = portkeyHeaders({
    traceID: text,
    provider: `@${text}`,
    config: { targets: [{ override_params: { model: text } }] },
    metadata: { user: text },
  });
  expect(new Headers(sent).get("x-portkey-trace-id")).toBe(
    "L%C3%A4ufe/%E6%97%A5%E6%9C%AC-%F0%9F%98%80 1",
  );
  expect(decodeURIComponent(sent["x-portkey-trace-id"] ?? "")).toBe(text);
  expect(JSON.parse(sent["x-portkey-config"] ?? "")).toEqual({
    targets: [{ override_params: { model: text } }],
  });
  expect(JSON.parse(sent["x-portkey-metadata"] ?? "")).toEqual({ user: text });
});

test("the gateway's address is that of portkey-ai", () => {
  expect(portkeyGatewayUrl()).toBe(PORTKEY_GATEWAY_URL);
});
