import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";
import { orderTool } from "./idempotency-key.ts";

const bodiesOf = ({
  books,
}: {
  readonly books: { readonly entries: readonly { body?: unknown }[] };
}) => books.entries.map(({ body }) => body as Record<string, unknown>);

describe("the examples of docs/agents.md", () => {
  test("chain answers from the docs, with a citation", async () => {
    const { printed } = await runExample(() => import("./chain.ts"));
    const [[text, citations] = []] = printed;
    expect(text).toMatch(/\[1\]/);
    expect(citations).toContainEqual(expect.objectContaining({ number: 1 }));
  });

  test("own-role gives an object of its schema", async () => {
    const { printed } = await runExample(() => import("./own-role.ts"));
    expect(printed).toEqual([[expect.any(String)]]);
  });

  test("text-agent gives text, whole and in pieces", async () => {
    const { printed } = await runExample(() => import("./text-agent.ts"));
    expect(printed.length).toBeGreaterThan(2);
    expect(printed.every(([text]) => typeof text === "string")).toBe(true);
  });

  test("role-request sends the role's fields", async () => {
    const { sandbox } = await runExample(() => import("./role-request.ts"));
    expect(bodiesOf(sandbox)[0]).toMatchObject({
      model: "anthropic/claude-sonnet-4.5",
      plugins: [{ id: "web", max_results: 3 }],
      reasoning: { effort: "low" },
      provider: { sort: "throughput", data_collection: "deny" },
    });
  });

  test("call-options sends every option, over the other settings", async () => {
    const { sandbox } = await runExample(() => import("./call-options.ts"), {
      environment: {
        OPENROUTER_PROVIDER: '{"data_collection":"deny","order":["openai"]}',
        AGENT_REQUEST_MAP: '{"researcher":{"temperature":1,"seed":7}}',
      },
    });
    expect(bodiesOf(sandbox)[0]).toMatchObject({
      temperature: 0.2,
      max_tokens: 500,
      provider: { order: ["anthropic", "amazon-bedrock"], data_collection: "deny" },
      models: ["openai/gpt-4o", "google/gemini-2.5-pro"],
      plugins: [{ id: "web" }],
      reasoning: { effort: "low" },
      session_id: "chat-42",
      user: "user-7",
      trace: { generation_name: "answer" },
      cache_control: { type: "ephemeral" },
      top_k: 40,
      seed: 7,
    });
  });

  test("model-ids keeps suffixes", async () => {
    const { printed } = await runExample(() => import("./model-ids.ts"));
    expect(printed).toEqual([["anthropic/claude-sonnet-4.5:nitro"]]);
  });

  test("agent-type asks the model of the type", async () => {
    const { sandbox } = await runExample(() => import("./agent-type.ts"), {
      environment: { AGENT_MODEL_MAP: '{"validator":"google/gemini-2.5-pro"}' },
    });
    const models = bodiesOf(sandbox).map(({ model }) => model);
    expect(models).toEqual(["google/gemini-2.5-pro", "google/gemini-2.5-pro"]);
  });

  test("completions prints a whole answer and a stream", async () => {
    const { printed, sandbox } = await runExample(() => import("./completions.ts"));
    expect(printed.length).toBeGreaterThan(1);
    expect(bodiesOf(sandbox)[1]).toMatchObject({ model: "google/gemini-2.5-pro", stream: true });
  });

  test("gateway answers, and counts the calls of an orchestra over it", async () => {
    const { printed } = await runExample(() => import("./gateway.ts"));
    expect(printed).toEqual([[expect.any(String)], [2]]);
  });

  test("embeddings prints the size of vectors and the document that fits", async () => {
    const { printed } = await runExample(() => import("./embeddings.ts"));
    expect(printed).toEqual([[2, 1536], ["Paris is the capital of France."]]);
  });

  test("create-agent answers after a retry", async () => {
    const { printed, sandbox } = await runExample(() => import("./create-agent.ts"), {
      before: (sandbox) => sandbox.order({ fault: "status", status: 503, times: 1 }),
    });
    expect(printed).toEqual([[expect.any(String)]]);
    expect(sandbox.books.totals()).toMatchObject({ refused: 1 });
  });

  test("role-model answers both questions", async () => {
    const { printed, sandbox } = await runExample(() => import("./role-model.ts"));
    expect(printed[0]?.[0]).toHaveLength(2);
    expect(bodiesOf(sandbox)[0]).toMatchObject({ temperature: 0.7, top_p: 0.9 });
  });

  test("artifacts lists what was written", async () => {
    const { printed } = await runExample(() => import("./artifacts.ts"));
    expect(printed[1]).toEqual([[expect.objectContaining({ path: "report.md", bytes: 9 })]]);
  });

  test("idempotency-key passes the key on", async () => {
    const keys: unknown[] = [];
    const order = orderTool({
      order: async (item, { idempotencyKey }) => {
        keys.push([item, idempotencyKey]);
        return "ordered";
      },
    });
    await order.invoke({ item: "lamp" }, { configurable: { idempotency_key: "the key" } });
    expect(keys).toEqual([["lamp", "the key"]]);
  });
});
