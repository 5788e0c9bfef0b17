import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { errorOf, hello, post } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({
    environment: {
      AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini","poet":"anthropic/claude-3.5-sonnet"}',
      AGENT_REQUEST_MAP: '{"writer":{"top_p":0.5}}',
    },
  });
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

const sent = () => t.sandbox.books.entries.map(({ body }) => body as Record<string, unknown>);

test.each([
  ["the field agent_type", { agent_type: "writer" }, {}],
  ["a model", { model: "agent:writer" }, {}],
  ["a header", {}, { "X-Agent-Type": "writer" }],
  ["the field, before the model", { agent_type: "writer", model: "agent:poet" }, {}],
  [
    "the field, with any model that a client has to name",
    { agent_type: "writer", model: "x/y" },
    {},
  ],
  ["a model, before the header", { model: "agent:writer" }, { "X-Agent-Type": "poet" }],
])("%s selects the role: its model and its fields apply", async (_, fields, headers) => {
  const response = await post(t.url, { ...hello, ...fields }, { headers });
  expect(response.status).toBe(200);
  const [body] = sent();
  expect(body).toMatchObject({ model: "openai/gpt-4o-mini", top_p: 0.5 });
  expect(body).not.toHaveProperty("agent_type");
});

test("without a role, the model of the request is asked, or the default one", async () => {
  await post(t.url, { ...hello, model: "openai/gpt-4o-mini" });
  await post(t.url, hello);
  expect(sent().map(({ model }) => model)).toEqual(["openai/gpt-4o-mini", "openai/gpt-4o"]);
});

test("a role that is named as a model without the prefix agent: is refused with the right name", async () => {
  const response = await post(t.url, { ...hello, model: "writer" });
  expect(response.status).toBe(404);
  expect(await errorOf(response)).toMatchObject({
    code: "model_not_found",
    message: expect.stringMatching(
      /^There is no model "writer", but there is a role .* agent:writer,/,
    ),
  });
});

test.each(["/chat/completions", "/responses"])(
  "%s: a field that is null counts as absent, so that the role's applies",
  async (path) => {
    const names =
      "agent_type audio cache_control frequency_penalty logit_bias max_tokens metadata model models parallel_tool_calls plugins preset provider reasoning response_format seed service_tier session_id stop store stream stream_options tool_choice tools top_p trace transforms user";
    const nulls = Object.fromEntries(names.split(" ").map((name) => [name, null]));
    const asked = path === "/responses" ? { input: "Hello" } : hello;
    const response = await fetch(t.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", "X-Agent-Type": "writer" },
      body: JSON.stringify({ ...nulls, ...asked }),
    });
    expect(response.status).toBe(200);
    expect(sent()).toMatchObject([{ model: "openai/gpt-4o-mini", top_p: 0.5 }]);
    expect(Object.values(sent()[0] ?? {})).not.toContain(null);
  },
);

test("every field of a request is passed on", async () => {
  const fields = {
    messages: [
      { role: "system", content: "Short.", name: "house" },
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
        ],
      },
    ],
    temperature: 0,
    seed: 7,
    stop: ["END"],
    logit_bias: { "50256": -100 },
    user: "u-1",
    provider: { sort: "throughput", data_collection: "deny" },
    plugins: [{ id: "web" }],
    reasoning: { effort: "low" },
    a_field_of_the_server: { kept: [1, null, "x"] },
  };
  await post(t.url, { ...fields, model: "openai/gpt-4o" });
  expect(sent()[0]).toMatchObject(fields);
});

test.each([
  [{ agent_type: "wrtier" }, {}, 400, "agent_type", /no role "wrtier".*Did you mean writer\?/],
  [{ model: "agent:pote" }, {}, 404, "model", /Did you mean poet\?/],
  [{ model: "agent:" }, {}, 404, "model", /Roles: general, researcher/],
  [{}, { "X-Agent-Type": "reseacher" }, 400, "X-Agent-Type", /Did you mean researcher\?/],
  [{ agent_type: 7 }, {}, 400, "agent_type", /expected a text/],
  [{ agent_type: "__proto__" }, {}, 400, "agent_type", /no role/],
])("a role that there is not is refused: %j %j", async (fields, headers, status, param, text) => {
  const response = await post(t.url, { ...hello, ...fields }, { headers: { ...headers } });
  expect(response.status).toBe(status);
  const error = await errorOf(response);
  expect(error).toMatchObject({ type: "invalid_request_error", param });
  expect(error.message).toMatch(text);
  expect(sent()).toEqual([]);
});

test("agents that are defined later are roles", async () => {
  t.orchestra.agent({ name: "librarian", system: "You know the archive." });
  expect((await post(t.url, { ...hello, agent_type: "librarian" })).status).toBe(200);
});

test.each([
  ["messages", { messages: [] }, "messages"],
  ["messages", { messages: "Hello" }, "messages"],
  ["stream", { ...hello, stream: "yes" }, "stream"],
  ["a role of a message", { messages: [{ role: "boss", content: "x" }] }, "messages[0].role"],
])("a request with wrong %s is refused, and its field named", async (_, body, param) => {
  const response = await post(t.url, body);
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ type: "invalid_request_error", param });
});

test("GET /v1/models lists the roles, and the models of the catalog", async () => {
  const response = await fetch(`${t.url}/models`);
  const { object, data } = (await response.json()) as {
    object: string;
    data: readonly { readonly id: string; readonly object: string }[];
  };
  const ids = data.map(({ id }) => id);
  expect(object).toBe("list");
  expect(ids.slice(0, 4)).toEqual([
    "agent:general",
    "agent:researcher",
    "agent:validator",
    "agent:executor",
  ]);
  expect(ids).toEqual(expect.arrayContaining(["agent:writer", "openai/gpt-4o-mini"]));
});

test("GET /v1/models/<id> describes a model, or answers 404", async () => {
  const get = (id: string) => fetch(`${t.url}/models/${id}`);
  expect(await (await get("openai/gpt-4o")).json()).toMatchObject({ owned_by: "openai" });
  expect(await (await get("agent:writer")).json()).toMatchObject({ owned_by: "orchestra" });
  for (const id of ["openai/none", "agent:none", "agent:%C3%A4"]) {
    const response = await get(id);
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: "model_not_found" });
  }
  expect((await get("agent:%0d%0ax")).status).toBe(404);
});

test("an unknown id of a model is answered with the nearest ones, or with the role of this name", async () => {
  const messageFor = async (id: string) =>
    (await errorOf(await fetch(`${t.url}/models/${id}`))).message;
  expect(await messageFor("openai/gpt-4o-mimi")).toMatch(
    /^There is no model "openai\/gpt-4o-mimi"\. Nearest: openai\/gpt-4o-mini, .+ GET \/v1\/models lists/,
  );
  expect(await messageFor("writer")).toMatch(/use the model agent:writer/);
});
