import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { CallFailedError } from "./call-failed-error.ts";
import { toModelError } from "./classify.ts";
import { ModelError } from "./model-error.ts";
import { NoProgressError } from "./no-progress-error.ts";
import { redactSecrets, registerSecret, registerSecretHeaders, secretPattern } from "./secrets.ts";

const secret = 'pass:wörd/+"0123456789';
registerSecret(secret);

const forms = {
  "as it is": secret,
  "in JSON": JSON.stringify(secret),
  "URL-encoded": encodeURIComponent(secret),
  "URL-encoded in lower case": encodeURIComponent(secret).toLowerCase(),
  reversed: Array.from(secret).toReversed().join(""),
  "in hexadecimal digits": Buffer.from(secret).toString("hex"),
  "in upper hexadecimal digits": Buffer.from(secret).toString("hex").toUpperCase(),
  "URL-encoded in every byte": Buffer.from(secret).toString("hex").replaceAll(/../g, "%$&"),
  "in base64": Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  "in base64 behind another byte": Buffer.from(`:${secret}`).toString("base64"),
  "in base64 behind a user": Buffer.from(`me:${secret}`).toString("base64"),
  "in base64 of URLs": Buffer.from(secret).toString("base64url"),
};
const shows = (text: string) => Object.values(forms).some((form) => text.includes(form));

describe("a secret that the process knows", () => {
  test.each(Object.entries(forms))("is taken out %s", (_, form) => {
    const clean = redactSecrets(`before ${form} behind`);
    expect(clean).toMatch(/^before .{0,8}\[redacted\].{0,8} behind$/);
    expect(secretPattern.test(form)).toBe(true);
  });

  test.each(Object.entries(forms))("is in no error, wherever a server puts it: %s", (_, form) => {
    const foreign = Object.assign(new TypeError(`refused ${form}`), {
      status: 503,
      error: { message: form, metadata: { provider_name: form, raw: form, limit_source: form } },
      request: { headers: { [form]: [form] } },
    });
    const errors = [
      toModelError(foreign),
      toModelError({ error: { message: form, code: form, metadata: { provider_name: form } } }),
      new ModelError(form, { kind: "service_error", provider: form }, { cause: new Error(form) }),
      new ModelError("x", { kind: "service_error" }, { cause: { deep: { er: [{ est: form }] } } }),
      new ModelError("x", { kind: "service_error" }, { cause: form }),
    ];
    for (const error of [...errors, new CallFailedError("role", [], errors)]) {
      expect(shows(inspect(error, { depth: 20, showHidden: true }))).toBe(false);
    }
  });

  test.each([0, 490, 1990, 3990, 9990])(
    "is in no error that is cut inside of it, after %i characters",
    (at) => {
      const long = `v.${"jwt-part.".repeat(1000)}`;
      registerSecret(long);
      const text = `${"x".repeat(at)} ${long}`;
      const errors = [
        toModelError({ status: 401, error: { message: text } }),
        toModelError(new Error(text)),
        toModelError(text),
        new ModelError(text, { kind: "service_error" }, { cause: { deep: new Error(text) } }),
        new ModelError("x", { kind: "service_error" }, { cause: text }),
        new NoProgressError("role", [{ tool: text, arguments: text }], 3),
      ];
      for (const error of errors) {
        expect(inspect(error, { depth: 20, maxStringLength: null })).not.toContain("v.jwt");
      }
    },
  );

  test("takes a key out to its end, where another that is known is its beginning", () => {
    registerSecret("sk-or-v1-beginning-of-a-key");
    expect(redactSecrets("key: sk-or-v1-beginning-of-a-key-and-its-rest.")).toBe(
      "key: [redacted].",
    );
  });

  test("takes a key out to both ends, where another that is known is a part of it", () => {
    registerSecret("part-in-the-middle");
    expect(redactSecrets("key: sk-or-v1-0a1b2c-part-in-the-middle-3d4e.")).toBe(
      "key: sk-[redacted].",
    );
    expect(redactSecrets("key: pk-part-in-the-middle-3d4e.")).toBe("key: pk-[redacted].");
  });

  test("leaves an error without one the object that it is", () => {
    const cause = new TypeError("fetch failed", { cause: new Error("reset") });
    expect(toModelError(cause).cause).toBe(cause);
  });

  test("may be a header's value, and its part behind the scheme", () => {
    registerSecretHeaders({
      Cookie: "session=0123456789",
      "X-Auth": "Basic dXNlcjpwYXNz",
      "x-title": "My title",
    });
    expect(redactSecrets("session=0123456789 dXNlcjpwYXNz My title")).toBe(
      "[redacted] [redacted] My title",
    );
  });

  test.each([
    ["X-Company", "abc123"],
    ["X-Tenant", "x7Kq92pLmZ"],
    ["X-Org", "4f9d1c2e-77aa-4b1c-9d3e-0123456789ab"],
    ["X-Org-Id", "org_9f8e7d6c5b"],
    ["CF-Connecting", "0123456789"],
    ["X-Custom", "aGVsbG8gd29ybGQ="],
    ["X-Words", "correcthorsebatterystaple"],
  ])("may be the value of any configured header: %s: %s", (name, value) => {
    registerSecretHeaders({ [name]: value });
    expect(redactSecrets(`before ${value} behind`)).toBe("before [redacted] behind");
  });

  test.each([
    ["HTTP-Referer", "https://example.com/x9Kq92pLmY"],
    ["X-Home", "https://example.com/x9Kq92pLmZ"],
    ["X-Title", "Y7Kq92pLmZ"],
    ["User-Agent", "Z7Kq92pLmZ/1.0"],
    ["X-Env", "production"],
    ["X-Team", "My Team 42"],
    ["X-Region", "europe-west4"],
    ["X-Model", "openai/gpt-4o-mini"],
    ["X-Beta", "fine-grained-tool-streaming-2025-05-14"],
    ["X-App", "MyCompanyApp"],
    ["Accept", "application/json; q=0.9"],
    ["X-Version", "v1.20.3"],
  ])("is not what anyone may read: %s: %s", (name, value) => {
    registerSecretHeaders({ [name]: value });
    expect(redactSecrets(value)).toBe(value);
  });

  test("is not an id that a call sends in a header", () => {
    registerSecretHeaders({ "X-Request-Id": "8f9d1c2e-77aa-4b1c-9d3e" }, true);
    expect(redactSecrets("8f9d1c2e-77aa-4b1c-9d3e")).toBe("8f9d1c2e-77aa-4b1c-9d3e");
  });

  test("of Portkey's headers only the keys are", () => {
    registerSecretHeaders({
      "x-portkey-provider": "openrouter",
      "x-portkey-virtual-key": "vault-1234",
    });
    expect(redactSecrets("openrouter vault-1234")).toBe("openrouter [redacted]");
  });

  test("of one call is forgotten after those of a hundred others", () => {
    for (let index = 0; index < 101; index += 1) {
      registerSecretHeaders({ authorization: `Bearer call-${1000 + index}` }, true);
    }
    expect(redactSecrets("call-1100")).toBe("[redacted]");
    expect(redactSecrets("call-1000")).toBe("call-1000");
  });
});

describe("an error's message", () => {
  test("shows control characters as escapes, and a server's line breaks too", () => {
    const hostile = "\u001b[2J\u202eall\r\nINFO is well\u0000";
    expect(toModelError({ error: { message: hostile, code: 500 } }).message).toBe(
      String.raw`\u001b[2J\u202eall\u000d\u000aINFO is well\u0000`,
    );
    expect(new ModelError(`one\ntwo${hostile}`, { kind: "service_error" }).message).toMatch(
      /^one\ntwo\\u001b/,
    );
  });

  test("is bounded", () => {
    const long = new ModelError("x".repeat(2 ** 20), { kind: "service_error" });
    expect(long.message.length).toBeLessThan(5000);
  });

  test("of a cause that is nested without end is cut", () => {
    let nested: object = {};
    for (let depth = 0; depth < 100_000; depth += 1) nested = { nested };
    const error = toModelError({ error: { message: "deep", code: 500, metadata: nested } });
    expect(JSON.stringify(error.cause).length).toBeLessThan(500);
  });
});
