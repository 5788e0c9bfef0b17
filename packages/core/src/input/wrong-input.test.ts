import { tool } from "@langchain/core/tools";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { completion } from "../completions/__fixtures__/completions.ts";
import * as core from "../index.ts";
import * as pipelines from "../pipelines/index.ts";
import { silentLogger } from "../usage/index.ts";

/** JavaScript's callers have no types. */
type Untyped = Record<string, (...args: readonly unknown[]) => unknown>;
const untyped = (api: object) => api as unknown as Untyped;

let sent = 0;
const environment = { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" };
const create = (options: object = {}) =>
  new core.Orchestra({
    environment,
    logger: silentLogger,
    fetch: async () => {
      sent += 1;
      return Response.json(completion());
    },
    ...options,
  });

const orchestra = create();
const role = core.defineRole({
  name: "writer",
  system: "You write.",
  input: z.object({ task: z.string() }),
  output: z.object({ text: z.string() }),
});
const messages = [{ role: "user", content: "Hi" }];
const schema = z.object({ year: z.int() });
const agent = orchestra.agent(role);
const agents = { researcher: agent, validator: agent, executor: agent };
const [Core, Pipelines] = [core, pipelines].map(untyped);
const [o, c, m, a] = [orchestra, orchestra.completions, orchestra.model, agent].map(untyped);
const run = (options: object) => () => m?.["invoke"]?.("Hi", options);
const send = (request: unknown, options?: unknown) => () => c?.["create"]?.(request, options);
const define = (fields: object) => () =>
  Core?.["defineRole"]?.({ name: "r", system: "s", input: schema, output: schema, ...fields });
const dated = (name: string) =>
  tool(() => "", { name, description: "d", schema: z.object({ on: z.date() }) });

const cases: readonly (readonly [call: string, run: () => unknown, message: string])[] = [
  [
    "a part of a content that is null",
    send({ messages: [{ role: "user", content: ["Hi", null] }] }),
    "request.messages[0].content[0] is a text: expected an object; request.messages[0].content[1] is null",
  ],
  [
    "new Orchestra(null)",
    () => new core.Orchestra(null as never),
    "options is null: expected an object",
  ],
  ["settings of 5", () => create({ settings: 5 }), "options.settings is 5"],
  [
    "a setting of another library's name",
    () => create({ model: "a/b" }),
    "options.model is not known (did you mean settings.defaultModel?)",
  ],
  [
    "a gateway as an option",
    () => create({ gateway: new core.Gateway({ environment }) }),
    "options.gateway is not known (did you mean new Orchestra(gateway)?)",
  ],
  [
    "settings beside the settings",
    () => create({ maxRetries: 3, apiKey: "x" }),
    "(did you mean settings.maxRetries?); options.apiKey is not known (did you mean settings.openRouterApiKey?)",
  ],
  [
    "a misspelt setting beside the settings",
    () => create({ defaultModle: "a/b" }),
    "did you mean settings.defaultModel?",
  ],
  [
    "a setting's variable beside the settings",
    () => create({ LLM_BUDGET_USD_PER_RUN: 1 }),
    "did you mean settings.budgetUsdPerRun?",
  ],
  [
    "a role whose prompt has another name",
    define({ system: undefined, systemPrompt: "s" }),
    "definition.system is missing: expected a text; systemPrompt of definition is not known",
  ],
  ["a limit that no setting has", () => create({ spending: 1 }), "options.spending is not known"],
  [
    "a key as the name of an option",
    () => create({ "sk-or-v1-0123456789": 1 }),
    'options."sk-or-v1…" is not known',
  ],
  ["a misspelt option", () => create({ polices: 1 }), "polices (did you mean policies?)"],
  [
    "a misspelt setting",
    () => create({ settings: { maxRetry: 3 } }),
    "maxRetry (did you mean maxRetries?)",
  ],
  [
    "a key by its name elsewhere",
    () => create({ settings: { api_key: "x" } }),
    "api_key (did you mean openRouterApiKey?)",
  ],
  [
    "settings that are not awaited",
    () => create({ settings: Promise.resolve({}) }),
    "is a promise, which needs an await",
  ],
  [
    "a logger without methods",
    () => create({ logger: {} }),
    "with the methods error, warn, info, debug",
  ],
  [
    "a listener that is none",
    () => create({ onEvent: 5 }),
    "options.onEvent is 5: expected a function",
  ],
  ["a limiter that is none", () => create({ rateLimiter: {} }), "options.rateLimiter is an object"],
  ["a store that is none", () => create({ budgetStore: [] }), "options.budgetStore is an array"],
  ["a clock that is none", () => create({ clock: {} }), "options.clock is an object"],
  [
    "a number in the environment",
    () => create({ environment: { LLM_MAX_RETRIES: 3 } }),
    "LLM_MAX_RETRIES of the environment",
  ],
  ["create()", send(undefined), "request is missing"],
  ["a message of null", send({ messages: [null] }), "request.messages[0] is null"],
  [
    "content of 5",
    send({ messages: [{ role: "user", content: 5 }] }),
    "request.messages[0].content is 5",
  ],
  [
    "an unknown role",
    send({ messages: [{ role: "usr", content: "" }] }),
    'request.messages[0].role is "usr"',
  ],
  [
    "a temperature of NaN",
    send({ messages, temperature: Number.NaN }),
    "request.temperature must be",
  ],
  ["a stream of yes", send({ messages, stream: "yes" }), "request.stream is a text"],
  ["a tool of null", send({ messages, tools: [null] }), "request.tools[0] is null"],
  ["tools of 5", send({ messages, tools: 5 }), "request.tools is 5"],
  ["options of null", send({ messages }, null), "options is null"],
  ["a signal that is none", send({ messages }, { signal: "x" }), "expected an AbortSignal"],
  ["a journal that is none", send({ messages }, { journal: {} }), "expected a journal"],
  ["a misspelt call option", send({ messages }, { agentTyp: "x" }), "did you mean agentType?"],
  ["an empty run id", send({ messages }, { runId: "" }), "options.runId is empty"],
  [
    "a run id with NUL",
    send({ messages }, { runId: "a\0" }),
    "options.runId has a control character",
  ],
  [
    "a run id without end",
    send({ messages }, { runId: "a".repeat(257) }),
    "longer than 256 characters",
  ],
  ["an empty session id", send({ messages, session_id: "" }), "request.session_id is empty"],
  [
    "a trace id with a line break",
    send({ messages }, { traceId: "a\nb" }),
    "options.traceId must be",
  ],
  ["headers of 5", send({ messages }, { headers: 5 }), "options.headers is 5"],
  ["chat()", () => o?.["chat"]?.(), "input is missing"],
  ["chat(5)", () => o?.["chat"]?.(5), "input is 5"],
  ["chat([])", () => o?.["chat"]?.([]), "input is empty"],
  ["chat([null])", () => o?.["chat"]?.([null]), "input"],
  ["chat options of null", () => o?.["chat"]?.("Hi", null), "options is null"],
  ["an agent_type of 5", () => o?.["chat"]?.("Hi", { agent_type: 5 }), "agent_type is 5"],
  ["invoke options of 5", run(5 as never), "options is 5"],
  ["a signal for invoke", run({ signal: "x" }), "expected an AbortSignal"],
  [
    "a journal for invoke",
    run({ configurable: { journal: {} } }),
    "configurable.journal is an object",
  ],
  ["an on_event for invoke", run({ configurable: { on_event: 5 } }), "configurable.on_event is 5"],
  ["a run_id for invoke", run({ configurable: { run_id: "" } }), "configurable.run_id is empty"],
  ["a temperature for invoke", run({ temperature: "hot" }), "request.temperature must be"],
  ["a limit for invoke", run({ maxTokens: -1 }), "request.max_tokens must be 1 or more"],
  ["a misspelt option of invoke", run({ temprature: 1 }), "did you mean temperature?"],
  ["an option's name on the wire", run({ max_tokens: 1 }), "did you mean maxTokens?"],
  ["a model for invoke", run({ model: "a/b" }), "orchestra.modelFor(role, { model })"],
  ["a tool of null for invoke", run({ tools: [null] }), "options.tools[0] is null"],
  ["a tool of 5 for invoke", run({ tools: [5] }), "options.tools[0] is 5"],
  [
    "a tool of null for an agent",
    () => o?.["agent"]?.(role, { tools: [null] }),
    "tools[0] is null",
  ],
  ["a tool of null of a role", define({ tools: [null] }), "definition.tools[0] is null"],
  ["tools for invoke", run({ tools: 5 }), "options.tools is 5"],
  ["a timeout for invoke", run({ timeout: Number.NaN }), "options.timeout is NaN"],
  ["stream()", () => m?.["stream"]?.("Hi", { signal: "x" }), "expected an AbortSignal"],
  ["batch(5)", () => m?.["batch"]?.(5), "inputs is 5"],
  ["bindTools(null)", () => m?.["bindTools"]?.(null), "tools is null"],
  ["bindTools([5])", () => m?.["bindTools"]?.([5]), "tools[0] is 5"],
  [
    "bindTools with a date",
    () => m?.["bindTools"]?.([dated("book")]),
    'the tool "book" cannot be sent to a model (bindTools()): "on" is a date',
  ],
  ["withStructuredOutput(null)", () => m?.["withStructuredOutput"]?.(null), "schema is null"],
  [
    "a schema with a date",
    () => m?.["withStructuredOutput"]?.(z.object({ on: z.date() })),
    '"on" is a date',
  ],
  [
    "a misspelt method",
    () => m?.["withStructuredOutput"]?.(schema, { metod: "jsonMode" }),
    "did you mean method?",
  ],
  [
    "an unknown method",
    () => m?.["withStructuredOutput"]?.(schema, { method: "xml" }),
    'options.method is "xml"',
  ],
  ["withRetry(null)", () => m?.["withRetry"]?.(null), "fields is null"],
  ["no attempts", () => m?.["withRetry"]?.({ stopAfterAttempt: -1 }), "must be 1 or more"],
  ["withFallbacks(null)", () => m?.["withFallbacks"]?.(null), "fallbacks is null"],
  ["withFallbacks([null])", () => m?.["withFallbacks"]?.([null]), "fallback is null"],
  ["withConfig(null)", () => m?.["withConfig"]?.(null), "options is null"],
  ["modelFor()", () => o?.["modelFor"]?.(), "role is missing"],
  ["modelFor options of null", () => o?.["modelFor"]?.("w", null), "options is null"],
  [
    "a misspelt option of modelFor",
    () => o?.["modelFor"]?.("w", { temprature: 0 }),
    "did you mean temperature?",
  ],
  [
    "a temperature of modelFor",
    () => o?.["modelFor"]?.("w", { temperature: "hot" }),
    "options.temperature must be",
  ],
  [
    "a timeout of modelFor",
    () => o?.["modelFor"]?.("w", { timeouts: { attemptMs: -1 } }),
    "timeouts.attemptMs must be",
  ],
  [
    "a priority of modelFor",
    () => o?.["modelFor"]?.("w", { priority: Infinity }),
    "options.priority is Infinity",
  ],
  [
    "a URL of modelFor",
    () => o?.["modelFor"]?.("w", { configuration: { baseURL: "x" } }),
    "baseURL is not an http",
  ],
  [
    "headers of modelFor",
    () => o?.["modelFor"]?.("w", { configuration: { defaultHeaders: { "a b": "" } } }),
    'the header "a b" is not',
  ],
  ["agent()", () => o?.["agent"]?.(), "is not a role: expected what defineRole() returns"],
  [
    "agent() without a system prompt",
    () => o?.["agent"]?.({ name: "poet" }),
    "agent(): role.system is missing",
  ],
  ["agent() of a name", () => o?.["agent"]?.("poet"), "or a definition such as { name:"],
  ["agent options of null", () => o?.["agent"]?.(role, null), "options is null"],
  ["tools that are none", () => o?.["agent"]?.(role, { tools: [5] }), "options.tools[0] is 5"],
  [
    "tools with a date",
    () => o?.["agent"]?.(role, { tools: [dated("book")] }),
    'agent() of the role "writer"',
  ],
  ["researcher(null)", () => o?.["researcher"]?.(null), "options is null"],
  ["validator(5)", () => o?.["validator"]?.(5), "options is 5"],
  ["executor({ tool })", () => o?.["executor"]?.({ tool: [] }), "did you mean tools?"],
  ["agent.invoke()", () => a?.["invoke"]?.(), 'The agent "writer" cannot use its input'],
  ["a config of null", () => a?.["invoke"]?.({ task: "t" }, null), "config is null"],
  [
    "a config's signal",
    () => a?.["invoke"]?.({ task: "t" }, { signal: "x" }),
    "expected an AbortSignal",
  ],
  ["agent.pipe(null)", () => a?.["pipe"]?.(null), "next is null"],
  ["defineRole(null)", () => Core?.["defineRole"]?.(null), "definition is null"],
  [
    "a JSON schema as input",
    define({ input: {} }),
    "definition.input is an object: expected a zod schema",
  ],
  [
    "fields without z.object()",
    define({ output: { a: z.string() } }),
    "definition.output is an object with schemas in its fields: wrap it in z.object({ … })",
  ],
  ["a system prompt of 5", define({ system: 5 }), "definition.system is 5"],
  ["tools of a role", define({ tools: 5 }), "definition.tools is 5"],
  ["no tool rounds", define({ maxToolRounds: 0 }), "definition.maxToolRounds must be 1 or more"],
  ["swapped letters in a field of a role", define({ outptu: schema }), "did you mean output?"],
  ["swapped letters in a short field", define({ toosl: [] }), "did you mean tools?"],
  ["a misspelt field of a role", define({ maxToken: 1 }), "did you mean maxTokens?"],
  [
    "a role's tool with a date",
    define({ tools: [dated("book")] }),
    '"book" cannot be sent to a model (role "r")',
  ],
  [
    "createJournal({})",
    () => Core?.["createJournal"]?.({}),
    "store is an object: expected a store",
  ],
  ["createRateLimiter({})", () => Core?.["createRateLimiter"]?.({}), "options.clock is missing"],
  ["createLogger(null)", () => Core?.["createLogger"]?.(null), "options is null"],
  ["createRedactor(null)", () => Core?.["createRedactor"]?.(null), "settings is null"],
  ["resolveSettings({}, null)", () => Core?.["resolveSettings"]?.({}, null), "environment is null"],
  ["settingsWarnings(null)", () => Core?.["settingsWarnings"]?.(null), "environment is null"],
  [
    "researchValidateExecute()",
    () => Pipelines?.["researchValidateExecute"]?.(),
    "options is missing",
  ],
  [
    "a pipeline without agents",
    () => Pipelines?.["researchValidateExecute"]?.({}),
    "options.researcher is missing: expected an agent",
  ],
  [
    "revisions of NaN",
    () => Pipelines?.["researchValidateExecute"]?.({ ...agents, maxRevisions: Number.NaN }),
    "options.maxRevisions is NaN",
  ],
  [
    "a task of 5",
    () => pipelines.researchValidateExecute(agents as never).invoke({ task: 5 as never }),
    "input.task is 5",
  ],
  [
    "a run's signal",
    () =>
      pipelines
        .researchValidateExecute(agents as never)
        .invoke({ task: "t" }, { signal: "x" as never }),
    "expected an AbortSignal",
  ],
];

test.each(cases)(
  "%s is refused before anything is sent, with what and where",
  async (_, call, message) => {
    const before = sent;
    await expect((async () => call())()).rejects.toThrow(message);
    expect(sent).toBe(before);
  },
);

describe("an option that is not known and not misspelt", () => {
  test("is a warning of the process, once", () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const options = { shade: "red", "sk-or-v1-0123456789": true };
    orchestra.agent(role, options as object);
    orchestra.agent(role, options as object);
    const code = { code: "ORCHESTRA_UNKNOWN_OPTION" };
    expect(warn.mock.calls).toEqual([
      ["agent(): shade of options is not known and has no effect", code],
      ['agent(): "sk-or-v1…" of options is not known and has no effect', code],
    ]);
    warn.mockRestore();
  });
});

test("the options of LangChain's callers pass", async () => {
  const answer = await orchestra.model.invoke("Hi", { store: {}, streamMode: "values" } as object);
  expect(answer.text).not.toBe("");
});
