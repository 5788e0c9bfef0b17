import { Orchestra } from "@orchestra/core";
import { definePipeline, openRuntime } from "@orchestra/runtime";
import { serve } from "@orchestra/server";

const answer = definePipeline({
  name: "answer",
  create: ({ orchestra }) => orchestra.agent({ name: "answer", system: "Answer in one sentence." }),
});

await using runtime = await openRuntime({ pipelines: [answer] });
await using worker = await runtime.work();
const poet = new Orchestra(runtime.gateway).agent({ name: "poet", system: "You write haiku." });
await using server = await serve({ runtime, agents: [poet], port: 0 });

const response = await fetch(`${server.url}/runs`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ pipeline: "answer", input: "When was the lighthouse built?" }),
});
const { id } = (await response.json()) as { readonly id: string };
const events = await fetch(`${server.url}/runs/${id}/events`);
console.log((await events.text()).includes("event: run-end"), worker.active);
