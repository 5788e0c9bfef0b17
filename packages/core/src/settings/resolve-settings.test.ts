import { describe, expect, test } from "vitest";
import { SettingsError } from "../errors/settings-error.ts";
import { inspectSettings, resolveSettings, variables } from "./index.ts";
import { key, refusal, refused, resolved } from "./__fixtures__/refused.ts";

const entry = (fields: object) =>
  JSON.stringify([
    { provider: "openai", model: "gpt-4o" },
    { provider: "openai", ...fields },
  ]);

describe("without an environment", () => {
  test("every setting has the default of the guide", () => {
    expect(resolved({})).toMatchObject({
      openRouterApiKey: "sk-or-v1-0123456789",
      preferredProvider: "openrouter",
      defaultModel: "openai/gpt-4o",
      baseUrl: "https://openrouter.ai/api/v1",
      headers: {},
      provider: {},
      agentModels: {},
      agentRequests: {},
      requestTimeoutMs: 30_000,
      firstTokenTimeoutMs: undefined,
      stallTimeoutMs: 20_000,
      readerTimeoutMs: 300_000,
      callTimeoutMs: undefined,
      maxRetries: 3,
      retryDelayMs: 1000,
      retryMaxDelayMs: 60_000,
      retryableErrors: ["connection_error", "timeout_error", "rate_limit_error", "service_error"],
      portkeyApiKey: undefined,
      portkeyGatewayUrl: undefined,
      traceId: undefined,
      virtualKey: undefined,
      portkeyMode: "client",
      fallbacks: [],
      allowPaidFallback: false,
      fallbackOnRefusal: false,
      documentsEmbeddingModel: undefined,
      documentsRerankModel: undefined,
      logLevel: "info",
      logPrompts: false,
    });
  });

  test.each(Object.entries(variables))("%s shows an example that would be right", (_, variable) => {
    const example = variable.example.replace(/^'(.*)'$/, "$1").replace("…", "12345678");
    expect(variable.schema.safeParse(variable.read(example)).success).toBe(true);
  });
});

describe("an environment variable", () => {
  test.each([
    ["OPENROUTER_API_KEY", "sk-or-your-api-key", "openRouterApiKey", "sk-or-your-api-key"],
    ["PREFERRED_LLM_PROVIDER", "openrouter", "preferredProvider", "openrouter"],
    ["OPENROUTER_DEFAULT_MODEL", "openai/gpt-4o-mini", "defaultModel", "openai/gpt-4o-mini"],
    ["OPENROUTER_DEFAULT_MODEL", "a/b:free", "defaultModel", "a/b:free"],
    ["DOCUMENTS_EMBEDDING_MODEL", "a/b", "documentsEmbeddingModel", "a/b"],
    ["DOCUMENTS_RERANK_MODEL", "c/d", "documentsRerankModel", "c/d"],
    ["OPENROUTER_BASE_URL", "http://127.0.0.1:4010/v1", "baseUrl", "http://127.0.0.1:4010/v1"],
    ["OPENROUTER_BASE_URL", "http://127.0.0.1/v1//", "baseUrl", "http://127.0.0.1/v1"],
    ["OPENROUTER_BASE_URL", "http://müller.example/", "baseUrl", "http://xn--mller-kva.example"],
    [
      "OPENROUTER_HEADERS",
      '{"HTTP-Referer":"https://yourdomain.com","X-Title":"Your Project Name"}',
      "headers",
      { "HTTP-Referer": "https://yourdomain.com", "X-Title": "Your Project Name" },
    ],
    [
      "AGENT_MODEL_MAP",
      '{"researcher":"anthropic/claude-3-opus-20k","validator":"openai/gpt-4o"}',
      "agentModels",
      { researcher: "anthropic/claude-3-opus-20k", validator: "openai/gpt-4o" },
    ],
    [
      "OPENROUTER_PROVIDER",
      '{"sort":"throughput","only":["groq"],"max_price":{"prompt":1},"new_field":1}',
      "provider",
      { sort: "throughput", only: ["groq"], max_price: { prompt: 1 }, new_field: 1 },
    ],
    [
      "AGENT_REQUEST_MAP",
      '{"writer":{"temperature":0,"plugins":[{"id":"web"}],"new_field":[1]}}',
      "agentRequests",
      { writer: { temperature: 0, plugins: [{ id: "web" }], new_field: [1] } },
    ],
    ["LLM_REQUEST_TIMEOUT", "30", "requestTimeoutMs", 30_000],
    ["LLM_REQUEST_TIMEOUT", "0.25", "requestTimeoutMs", 250],
    ["LLM_FIRST_TOKEN_TIMEOUT", "2.5", "firstTokenTimeoutMs", 2500],
    ["LLM_STALL_TIMEOUT", "5", "stallTimeoutMs", 5000],
    ["LLM_READER_TIMEOUT", "60", "readerTimeoutMs", 60_000],
    ["LLM_CALL_TIMEOUT", "120", "callTimeoutMs", 120_000],
    ["PORTKEY_MODE", "gateway", "portkeyMode", "gateway"],
    ["LLM_ALLOW_PAID_FALLBACK", "true", "allowPaidFallback", true],
    ["LLM_FALLBACK_ON_REFUSAL", "true", "fallbackOnRefusal", true],
    ["LLM_MAX_RETRIES", "5", "maxRetries", 5],
    ["LLM_MAX_RETRIES", "0", "maxRetries", 0],
    ["LLM_MAX_RETRIES", "100", "maxRetries", 100],
    ["LLM_RETRY_DELAY", "1.0", "retryDelayMs", 1000],
    ["LLM_RETRY_DELAY", "0.0015", "retryDelayMs", 2],
    ["LLM_RETRY_DELAY", "0", "retryDelayMs", 0],
    ["LLM_RETRY_DELAY", ".5", "retryDelayMs", 500],
    ["LLM_RETRY_MAX_DELAY", "60.5", "retryMaxDelayMs", 60_500],
    ["LLM_RETRY_MAX_DELAY", "2147483.647", "retryMaxDelayMs", 2_147_483_647],
    [
      "LLM_RETRYABLE_ERRORS",
      " timeout_error , rate_limit_error,",
      "retryableErrors",
      ["timeout_error", "rate_limit_error"],
    ],
    ["PORTKEY_API_KEY", "pk-your-portkey-api-key", "portkeyApiKey", "pk-your-portkey-api-key"],
    ["PORTKEY_GATEWAY_URL", "http://[::1]:8787/v1/", "portkeyGatewayUrl", "http://[::1]:8787/v1"],
    ["TRACE_ID", "your-trace-id", "traceId", "your-trace-id"],
    ["VIRTUAL_KEY", "your-virtual-key", "virtualKey", "your-virtual-key"],
    ["LOG_LEVEL", "silent", "logLevel", "silent"],
    ["LOG_PROMPTS", "true", "logPrompts", true],
    ["LOG_PROMPTS", "1", "logPrompts", true],
    ["LOG_PROMPTS", "0", "logPrompts", false],
  ] as const)("%s=%s gives %s", (variable, text, option, value) => {
    expect(resolved({ [variable]: text })[option]).toEqual(value);
  });

  test("PREFERRED_LLM_PROVIDER=portkey needs Portkey's key or a gateway, and no key of OpenRouter", () => {
    const portkey = { PREFERRED_LLM_PROVIDER: "portkey" };
    expect(resolveSettings({}, { ...portkey, PORTKEY_API_KEY: "pk-1" }).preferredProvider).toBe(
      "portkey",
    );
    const gateway = { PORTKEY_GATEWAY_URL: "http://127.0.0.1:8787/v1" };
    expect(resolveSettings({}, { ...portkey, ...gateway }).preferredProvider).toBe("portkey");
  });

  test("PORTKEY_FALLBACKS is read as the guide writes it, and with every field it may have", () => {
    const guide =
      '[{"provider":"openai","model":"gpt-4o"},{"provider":"anthropic","model":"claude-3-haiku-20k"},{"provider":"google","model":"gemini-1.5-pro"}]';
    const withKey = { PORTKEY_API_KEY: "pk-1" };
    expect(resolved({ ...withKey, PORTKEY_FALLBACKS: guide }).fallbacks).toEqual([
      { provider: "openai", model: "gpt-4o" },
      { provider: "anthropic", model: "claude-3-haiku-20k" },
      { provider: "google", model: "gemini-1.5-pro" },
    ]);
    const full = {
      provider: "@openai-prod",
      model: "gpt-4o",
      virtual_key: "vk-1",
      api_key: "sk-1",
      weight: 0.5,
      override_params: { temperature: 0, stop: ["x"] },
      custom_host: "http://127.0.0.1:9000/v1",
    };
    expect(resolved({ ...withKey, PORTKEY_FALLBACKS: JSON.stringify([full]) }).fallbacks).toEqual([
      full,
    ]);
  });

  test.each(Object.values(variables))("$variable counts as unset when it is empty", (variable) => {
    const name = variable.variable;
    const unset = resolved({ [name]: undefined }, { openRouterApiKey: "sk-1" });
    expect(resolved({ [name]: "" }, { openRouterApiKey: "sk-1" })).toEqual(unset);
    expect(resolved({ [name]: " \t\n" }, { openRouterApiKey: "sk-1" })).toEqual(unset);
  });

  test.each([
    ["LLM_MAX_RETRIES", '"7"', "maxRetries", 7],
    ["LLM_MAX_RETRIES", " ' 7 ' ", "maxRetries", 7],
    ["OPENROUTER_DEFAULT_MODEL", "'a/b'", "defaultModel", "a/b"],
    ["OPENROUTER_HEADERS", `'{"X-Title":"a"}'`, "headers", { "X-Title": "a" }],
    ["OPENROUTER_HEADERS", `"{"X-Title":"a"}"`, "headers", { "X-Title": "a" }],
    ["OPENROUTER_DEFAULT_MODEL", '""', "defaultModel", "openai/gpt-4o"],
  ] as const)("%s=%s loses its quotes", (variable, text, option, value) => {
    expect(resolved({ [variable]: text })[option]).toEqual(value);
  });

  test("keeps a quote that is not around the whole value", () => {
    expect(resolved({ OPENROUTER_DEFAULT_MODEL: `"a/b` }).defaultModel).toBe(`"a/b`);
    expect(resolved({ OPENROUTER_DEFAULT_MODEL: `"a/b'` }).defaultModel).toBe(`"a/b'`);
  });

  test("may have white space around it", () => {
    expect(resolved({ LLM_MAX_RETRIES: " 7\n" }).maxRetries).toBe(7);
    expect(resolveSettings({}, { OPENROUTER_API_KEY: "sk-or-1\r\n" }).openRouterApiKey).toBe(
      "sk-or-1",
    );
  });
});

describe("a malformed value", () => {
  test.each([
    ["OPENROUTER_API_KEY", "sk-or v1", "has a space"],
    ["OPENROUTER_API_KEY", "sk-or-\u00e9", "outside ASCII"],
    ["OPENROUTER_API_KEY", "sk-or\r\nX-Evil: 1", "a line break"],
    ["PREFERRED_LLM_PROVIDER", "openai", "is not a known provider"],
    ["PREFERRED_LLM_PROVIDER", "OpenRouter", "is not a known provider"],
    ["OPENROUTER_DEFAULT_MODEL", "gpt 4o", "is not a model id"],
    ["OPENROUTER_BASE_URL", "localhost:8080", "is not an http or https URL"],
    ["OPENROUTER_BASE_URL", "müller", "is not an http or https URL"],
    ["OPENROUTER_BASE_URL", "ftp://example.com", "is not an http or https URL"],
    ["OPENROUTER_BASE_URL", "https://", "is not an http or https URL"],
    ["OPENROUTER_BASE_URL", "http://127.0.0.1/v1?a=b", "must not have a query"],
    ["OPENROUTER_BASE_URL", "http://127.0.0.1/v1#a", "a fragment"],
    ["OPENROUTER_BASE_URL", "http://user:word@127.0.0.1/v1", "a user name"],
    ["OPENROUTER_BASE_URL", "http://:word@127.0.0.1/v1", "a password"],
    [
      "OPENROUTER_BASE_URL",
      "https://openrouter.ai/api/v1/chat/completions",
      "use https://openrouter.ai/api/v1",
    ],
    ["OPENROUTER_BASE_URL", "http://127.0.0.1/v1/completions/", "use http://127.0.0.1/v1"],
    ["OPENROUTER_BASE_URL", "http://127.0.0.1/v1/models", "use http://127.0.0.1/v1"],
    ["OPENROUTER_BASE_URL", "http://127.0.0.1/v1/responses", "use http://127.0.0.1/v1"],
    ["PORTKEY_GATEWAY_URL", "http://127.0.0.1/v1/chat/completions", "use http://127.0.0.1/v1"],
    ["OPENROUTER_HEADERS", '{"host":"example.com"}', '"host" cannot be set'],
    ["OPENROUTER_HEADERS", '{"Content-Length":"1"}', '"Content-Length" cannot be set'],
    ["OPENROUTER_HEADERS", '{"Transfer-Encoding":"chunked"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"Connection":"close"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"Keep-Alive":"5"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"TE":"trailers"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"Trailer":"a"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"Upgrade":"h2c"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"Proxy-Authorization":"a"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"Expect":"100-continue"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"content-type":"text/plain"}', "cannot be set"],
    ["OPENROUTER_HEADERS", '{"Accept-Encoding":"br"}', "cannot be set"],
    ["OPENROUTER_PROVIDER", "throughput", "is not valid JSON"],
    ["OPENROUTER_PROVIDER", "[]", "must be a JSON object"],
    ["OPENROUTER_PROVIDER", '{"only":"groq"}', '"only" must be an array of strings'],
    ["OPENROUTER_PROVIDER", '{"sort":1}', '"sort" must be price, throughput or latency'],
    ["OPENROUTER_PROVIDER", '{"data_collection":"no"}', "must be allow or deny"],
    ["AGENT_REQUEST_MAP", "[]", "must be a JSON object"],
    ["AGENT_REQUEST_MAP", '{"writer":1}', '"writer" must be a JSON object of request fields'],
    ["AGENT_REQUEST_MAP", '{"a":{"temperature":"0"}}', '"a", "temperature" must be a number'],
    ["AGENT_REQUEST_MAP", '{"a":{"provider":{"zdr":1}}}', '"zdr" must be true or false'],
    ["AGENT_REQUEST_MAP", '{"a":{"model":"b/c"}}', '"a", "model" cannot be set as a request field'],
    ["OPENROUTER_HEADERS", '{"X-Title":', "is not valid JSON (it ends too early)"],
    ["OPENROUTER_HEADERS", "{'X-Title':'a'}", "is not valid JSON (at character 2)"],
    ["OPENROUTER_HEADERS", '["X-Title"]', "must be a JSON object"],
    ["OPENROUTER_HEADERS", "null", "must be a JSON object"],
    ["OPENROUTER_HEADERS", '{"X-Title":1}', '"X-Title" must be a string'],
    ["OPENROUTER_HEADERS", '{"X-Title":"caf\u00e9"}', '"X-Title" has a character outside'],
    ["OPENROUTER_HEADERS", '{"X-Title":"a\\r\\nX-Evil: 1"}', '"X-Title" has a character outside'],
    ["OPENROUTER_HEADERS", '{"X Title":"a"}', "is not a valid header name"],
    ["OPENROUTER_HEADERS", '{"":"a"}', "is not a valid header name"],
    ["AGENT_MODEL_MAP", "researcher=openai/gpt-4o", "is not valid JSON"],
    ["AGENT_MODEL_MAP", "[]", "must be a JSON object"],
    ["AGENT_MODEL_MAP", '{"researcher":""}', '"researcher" is not a model id'],
    ["AGENT_MODEL_MAP", '{"researcher":4}', '"researcher" must be a string'],
    ["AGENT_MODEL_MAP", '{"":"openai/gpt-4o"}', '"" cannot be the name of a role'],
    ["AGENT_REQUEST_MAP", '{"a\\u0000b":{}}', '"a\\u0000b" cannot be the name of a role'],
    ["LLM_REQUEST_TIMEOUT", "0", "must be greater than 0"],
    ["LLM_REQUEST_TIMEOUT", "-1", "must be greater than 0"],
    ["LLM_REQUEST_TIMEOUT", "NaN", "is not a number"],
    ["LLM_REQUEST_TIMEOUT", "Infinity", "is not a number"],
    ["LLM_REQUEST_TIMEOUT", "30s", "is not a number"],
    ["LLM_REQUEST_TIMEOUT", "1e3", "is not a number"],
    ["LLM_REQUEST_TIMEOUT", "0x10", "is not a number"],
    ["LLM_REQUEST_TIMEOUT", "2147483.648", "is longer than a timer can wait"],
    ["LLM_REQUEST_TIMEOUT", "9".repeat(400), "is too large"],
    ["LLM_REQUESTS_PER_DAY", "9".repeat(20), "is too large"],
    ["LLM_FIRST_TOKEN_TIMEOUT", "0", "must be greater than 0"],
    ["LLM_STALL_TIMEOUT", "-1", "must be greater than 0"],
    ["LLM_CALL_TIMEOUT", "2 min", "is not a number"],
    ["PORTKEY_MODE", "server", "is not a mode"],
    ["LLM_ALLOW_PAID_FALLBACK", "maybe", "must be true or false"],
    ["LLM_FALLBACK_ON_REFUSAL", "on", "must be true or false"],
    ["LLM_MAX_RETRIES", "1.5", "must be a whole number"],
    ["LLM_MAX_RETRIES", "-1", "must not be negative"],
    ["LLM_MAX_RETRIES", "101", "is more than 100"],
    ["LLM_MAX_RETRIES", "9".repeat(30), "is too large"],
    ["LLM_MAX_RETRIES", "three", "is not a number"],
    ["LLM_RETRY_DELAY", "-0.5", "must not be negative"],
    ["LLM_RETRY_DELAY", "1,5", "is not a number"],
    ["LLM_RETRY_MAX_DELAY", "--1", "is not a number"],
    ["LLM_RETRYABLE_ERRORS", "timeout_error,rate_limit", 'entry 2 is "rate_limit"'],
    ["LLM_RETRYABLE_ERRORS", "aborted", 'entry 1 is "aborted"'],
    ["LLM_RETRYABLE_ERRORS", '["timeout_error"]', "which is not an error that can be retried"],
    ["PORTKEY_API_KEY", "pk 1", "has a space"],
    ["PORTKEY_GATEWAY_URL", "portkey", "is not an http or https URL"],
    ["TRACE_ID", "nightly run", "without spaces"],
    ["TRACE_ID", "x".repeat(129), "1 to 128 characters"],
    ["VIRTUAL_KEY", "schl\u00fcssel", "outside ASCII"],
    ["PORTKEY_FALLBACKS", '[{"provider":"openai"', "is not valid JSON"],
    ["PORTKEY_FALLBACKS", "{}", "must be a JSON array"],
    ["PORTKEY_FALLBACKS", '["openai"]', "entry 1 must be an object"],
    ["PORTKEY_FALLBACKS", entry({}), 'entry 2, "model" must name a model'],
    ["PORTKEY_FALLBACKS", entry({ model: "  " }), 'entry 2, "model" must name a model'],
    ["PORTKEY_FALLBACKS", entry({ model: "a", provider: "opnai" }), "(did you mean openai?)"],
    ["PORTKEY_FALLBACKS", entry({ model: "a", provider: "mistral" }), "(did you mean mistral-ai?)"],
    ["PORTKEY_FALLBACKS", entry({ model: "a", provider: "@" }), "is not a provider of Portkey"],
    ["PORTKEY_FALLBACKS", entry({ model: "a", models: 1 }), "has unknown fields: models"],
    ["PORTKEY_FALLBACKS", entry({ model: "a", weight: 0 }), '"weight" must be greater than 0'],
    ["PORTKEY_FALLBACKS", entry({ model: "a", weight: "1" }), '"weight" must be a number'],
    ["PORTKEY_FALLBACKS", entry({ model: "a", api_key: "a\nb" }), '"api_key" has a space'],
    ["PORTKEY_FALLBACKS", entry({ model: "a", virtual_key: "" }), '"virtual_key" is empty'],
    ["PORTKEY_FALLBACKS", entry({ model: "a", custom_host: "x" }), '"custom_host" is not an http'],
    ["PORTKEY_FALLBACKS", entry({ model: "a", override_params: [] }), "must be a JSON object"],
    ["PORTKEY_FALLBACKS", entry({ model: "a", override_params: { model: "b" } }), "set the model"],
    ["PORTKEY_FALLBACKS", entry({ model: "a", override_params: { stream: true } }), "this way"],
    [
      "PORTKEY_FALLBACKS",
      JSON.stringify(Array.from({ length: 21 }, () => ({ provider: "openai", model: "a" }))),
      "has more than 20 entries",
    ],
    ["OPENROUTER_TIER", "gold", "is not a tier"],
    ["LLM_ON_QUOTA", "stop", "is not a valid action"],
    ["LOG_LEVEL", "trace", "is not a log level"],
    ["LOG_PROMPTS", "yes", "must be true or false"],
  ])("%s=%s is refused", (variable, value, problem) => {
    const portkey = variable === "PORTKEY_FALLBACKS" ? { PORTKEY_API_KEY: "pk-1" } : {};
    const error = refused({ ...portkey, [variable]: value });
    expect(error.problems).toHaveLength(1);
    const [found] = error.problems;
    expect(found).toMatchObject({ variable, problem: expect.stringContaining(problem) });
    expect(found?.problem).not.toContain(";");
    expect(error.message).toBe(
      `${variable} ${found?.problem} (option ${found?.option}): expected ${found?.expected}. Example: ${variable}=${found?.example}`,
    );
    expect(variables[found?.option as keyof typeof variables]).toMatchObject({
      variable,
      expected: found?.expected,
      example: found?.example,
    });
  });
});

describe("several wrong settings", () => {
  test("are all reported at once, including missing ones", () => {
    const { problems, message } = refusal(
      { maxRetries: -1 },
      { OPENROUTER_HEADERS: "{", LLM_REQUEST_TIMEOUT: "soon", LOG_LEVEL: "loud" },
    );
    const names = problems.map(({ variable }) => variable).toSorted();
    expect(names).toEqual([
      "LLM_MAX_RETRIES",
      "LLM_REQUEST_TIMEOUT",
      "LOG_LEVEL",
      "OPENROUTER_API_KEY",
      "OPENROUTER_HEADERS",
    ]);
    expect(message.split("\n")).toHaveLength(5);
  });

  test("cause no further problems in settings that depend on them", () => {
    expect(refused({ LLM_RETRY_DELAY: "90", LLM_RETRY_MAX_DELAY: "long" }).problems).toMatchObject([
      { variable: "LLM_RETRY_MAX_DELAY", problem: "is not a number" },
    ]);
    expect(refusal({}, { PREFERRED_LLM_PROVIDER: "portky" }).problems).toMatchObject([
      { variable: "PREFERRED_LLM_PROVIDER" },
    ]);
    expect(
      refused({ PREFERRED_LLM_PROVIDER: "portkey", PORTKEY_API_KEY: "a b" }).problems,
    ).toHaveLength(1);
  });

  test("in one value are one problem", () => {
    const { problems } = refused({ LLM_RETRYABLE_ERRORS: "foo,timeout_error,bar" });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.problem).toMatch(/entry 1 is "foo".*; entry 3 is "bar"/);
  });
});

describe("a secret in a refused value", () => {
  const secret = "sk-or-v1-s3cr3ts3cr3t";

  test.each([
    ["as a key with a space", { OPENROUTER_API_KEY: `${secret} x` }],
    ["in broken JSON", { OPENROUTER_HEADERS: `{"Authorization":"Bearer ${secret}` }],
    ["in broken JSON, unquoted", { OPENROUTER_HEADERS: `{"Authorization":${secret}}` }],
    ["in broken JSON of fallbacks", { PORTKEY_FALLBACKS: `[{"api_key":"${secret}",}]` }],
    ["in a header value", { OPENROUTER_HEADERS: `{"Authorization":"Bearer ${secret}\\n"}` }],
    ["where a header name belongs", { OPENROUTER_HEADERS: `{"Bearer ${secret}":"x"}` }],
    ["as a model", { AGENT_MODEL_MAP: `{"researcher":"a ${secret}"}` }],
    ["as a number", { LLM_MAX_RETRIES: secret }],
    ["as the name of an error", { LLM_RETRYABLE_ERRORS: secret }],
    ["as a provider", { PREFERRED_LLM_PROVIDER: secret }],
    ["as a log level", { LOG_LEVEL: secret }],
    ["in a URL", { OPENROUTER_BASE_URL: `http://user:${secret}@127.0.0.1` }],
    ["as a trace id", { TRACE_ID: ` a ${secret}` }],
    [
      "in an entry with an unknown provider",
      { PORTKEY_FALLBACKS: `[{"provider":"x","model":"y","api_key":"${secret}"}]` },
    ],
    [
      "as an unknown field of an entry",
      { PORTKEY_FALLBACKS: `[{"provider":"openai","model":"y","${secret}":1}]` },
    ],
    [
      "in a refused key of an entry",
      { PORTKEY_FALLBACKS: `[{"provider":"openai","model":"y","virtual_key":"${secret} "}]` },
    ],
  ])("%s is never repeated", (_, environment) => {
    const error = refusal({}, environment);
    const whole = [
      error.message,
      error.stack,
      JSON.stringify(error),
      JSON.stringify(error.problems),
      String(error.cause),
    ].join("\n");
    expect(whole).not.toContain("s3cr3t");
  });
});

describe("inspectSettings", () => {
  test("returns the problems, with the defaults instead of invalid values", () => {
    const { settings, sources, problems } = inspectSettings(
      { maxRetries: 5 },
      { LLM_REQUEST_TIMEOUT: "soon", LLM_RETRY_DELAY: "2" },
    );
    expect(settings).toMatchObject({ requestTimeoutMs: 30_000, maxRetries: 5, retryDelayMs: 2000 });
    expect(sources).toMatchObject({
      maxRetries: "code",
      retryDelayMs: "environment",
      stallTimeoutMs: "default",
    });
    expect(problems.map(({ variable }) => variable)).toEqual([
      "LLM_REQUEST_TIMEOUT",
      "OPENROUTER_API_KEY",
    ]);
  });
});

describe("a value that no setting takes", () => {
  const names = Object.keys(variables) as (keyof typeof variables)[];
  const values = ["0", "-1", "1.5", "x", "1e9", "99999999999999999999", "{}", "[]", "[0]", '""'];

  test.each(names)("is said once to be wrong, and what is right: %s", (option) => {
    const { variable } = variables[option];
    const name = new RegExp(String.raw`^${variable} `);
    for (const value of values) {
      const { problems } = inspectSettings({}, { ...key, [variable]: value });
      for (const { problem } of problems) {
        expect(problem).not.toMatch(/expected .*expected/);
        // What the text after the problem says, the problem must not contradict.
        expect(problem).not.toMatch(/is 0: expected 0 or more/);
      }
      if (problems.length === 0) continue;
      expect(new SettingsError(problems.slice(0, 1)).message).toMatch(name);
    }
  });

  test.each(["0", "-1", "1.5"])("is reported for %s without a contradiction", (value) => {
    expect(refused({ LLM_REQUESTS_PER_MINUTE: value }).message).toBe(
      "LLM_REQUESTS_PER_MINUTE must be a whole number greater than 0, or none (option requestsPerMinute): expected a whole number of requests greater than 0, or none. Example: LLM_REQUESTS_PER_MINUTE=60",
    );
  });

  test("is reported for a hedge", () => {
    expect(refused({ LLM_HEDGE_AFTER: "0" }).message).toContain("must be greater than 0, or p95");
  });
});
