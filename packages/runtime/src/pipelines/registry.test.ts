import { RunnableLambda } from "@langchain/core/runnables";
import { MemorySaver } from "@langchain/langgraph";
import { Gateway, SettingsError, type Orchestra } from "@orchestra/core";
import { expect, test } from "vitest";
import { definePipeline } from "./pipeline.ts";
import { PipelineRegistry } from "./registry.ts";

const environment = { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", LOG_LEVEL: "silent" };

/** A registry of pipelines, and the orchestras that they were made with. */
function registryOf(names: readonly string[], gateway: () => Gateway) {
  const orchestras: Orchestra[] = [];
  const pipelines = names.map((name) =>
    definePipeline({
      name,
      create: ({ orchestra }) => {
        orchestras.push(orchestra);
        orchestra.agent({ name: `agent-of-${name}`, system: "You write." });
        return RunnableLambda.from(() => name);
      },
    }),
  );
  const checkpointer = async () => new MemorySaver();
  return { orchestras, registry: new PipelineRegistry(pipelines, { checkpointer, gateway }) };
}

test("pipelines that are first needed at once share one orchestra over the gateway", async () => {
  const gateway = new Gateway({ environment });
  const { orchestras, registry } = registryOf(["a", "b", "c"], () => gateway);
  const needed = ["a", "b", "c", "a", "b", "c"];
  const made = await Promise.all(needed.map((name) => registry.runnable(name, "1")));
  expect(new Set(made).size).toBe(3);
  expect(orchestras).toHaveLength(3);
  expect(new Set(orchestras).size).toBe(1);
  expect(orchestras[0]?.ledger).toBe(gateway.ledger);
  expect(registry.roles).toEqual(["agent-of-a", "agent-of-b", "agent-of-c"]);
});

test("a pipeline that failed for the settings is made when they are corrected", async () => {
  let variables = {};
  const { orchestras, registry } = registryOf(["a"], () => new Gateway({ environment: variables }));
  await expect(registry.runnable("a", "1")).rejects.toThrow(SettingsError);
  expect(() => registry.roles).toThrow(SettingsError);
  variables = environment;
  expect(await (await registry.runnable("a", "1")).invoke("")).toBe("a");
  expect(orchestras).toHaveLength(1);
});
