import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { RunnableConfig } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { Orchestra, type OrchestraEvent } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";
import { z } from "zod";
import { ActiveRequest } from "./active-request.ts";
import { EventSpans } from "./event-spans.ts";
import { RunTraceIds } from "./run-trace-ids.ts";

const task = { task: "When was the lighthouse of Vell built?" };

/** An orchestra on a sandbox, and the spans that its events have made. */
async function start() {
  const sandbox = await startSandbox();
  const exporter = new InMemorySpanExporter();
  const ids = new RunTraceIds();
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const spans = new EventSpans(provider.getTracer("test"), ids, new ActiveRequest());
  const orchestra = new Orchestra({
    onEvent: spans.listen,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      LLM_RETRY_DELAY: "0.002",
      LLM_REQUESTS_PER_MINUTE: "none",
      LOG_LEVEL: "silent",
    },
  });
  const named = (name: string) =>
    exporter.getFinishedSpans().filter((span) => span.name.startsWith(name));
  return { orchestra, named, [Symbol.asyncDispose]: () => sandbox.close() };
}

const search = (work: (config: RunnableConfig) => unknown) =>
  tool((_, config: RunnableConfig) => work(config), {
    name: "search",
    description: "Searches",
    schema: z.object({ query: z.string() }),
  });

test("agents of one role that work at the same time keep their own calls and tools", async () => {
  await using t = await start();
  let begun = 0;
  const { promise: bothSearch, resolve } = Promise.withResolvers<void>();
  const work = async (config: RunnableConfig) => {
    if ((begun += 1) === 2) resolve();
    await bothSearch;
    await t.orchestra.model.invoke("In one word?", config);
    return "It was built in 1871.";
  };
  const researcher = t.orchestra.researcher({ tools: [search(work)] });
  const run_id = crypto.randomUUID();
  const research = async () => {
    const events: OrchestraEvent[] = [];
    const on_event = (event: OrchestraEvent) => events.push(event);
    await researcher.invoke(task, { configurable: { run_id, on_event } });
    return events.flatMap((event) => (event.type === "call-end" ? [event.callId] : [])).toSorted();
  };
  const callsOfEach = await Promise.all([research(), research()]);

  const agents = t.named("invoke_agent researcher");
  expect(agents).toHaveLength(2);
  const callsIn = agents.map((agent) => {
    const isWithin = ({ parentSpanContext }: (typeof agents)[number], outer: typeof agent) =>
      parentSpanContext?.spanId === outer.spanContext().spanId;
    const tools = t.named("execute_tool search").filter((span) => isWithin(span, agent));
    const outer = t.named("chat").filter((span) => isWithin(span, agent));
    const inner = tools.flatMap((span) => t.named("chat").filter((call) => isWithin(call, span)));
    expect(inner).toHaveLength(tools.length);
    expect(tools.length).toBeGreaterThan(0);
    return [...outer, ...inner].map((span) => String(span.attributes["orchestra.call_id"]));
  });
  const sorted = callsIn.map((ids) => ids.toSorted());
  expect(sorted).toHaveLength(2);
  for (const calls of callsOfEach) expect(sorted).toContainEqual(calls);
});

test("a tool's span has the model's id of the call, and the kind of its failure, without its message", async () => {
  await using t = await start();
  const fail = () => {
    throw new Error("the archive is closed");
  };
  const researcher = t.orchestra.researcher({ tools: [search(fail)] });
  await researcher.invoke(task).catch(() => undefined);
  const [span] = t.named("execute_tool search");
  expect(span?.status.code).toBe(2);
  expect(span?.attributes).toEqual({
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "search",
    "gen_ai.tool.call.id": expect.any(String) as string,
    "gen_ai.agent.name": "researcher",
    "orchestra.run_id": expect.any(String) as string,
    "error.type": "_OTHER",
  });
});
