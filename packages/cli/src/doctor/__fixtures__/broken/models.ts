import { onSandbox, onServer } from "../scene.ts";
import { fallbacks, gateway } from "./gateway.ts";
import type { BrokenState } from "./state.ts";

const configWith = (name: string, model: string) =>
  `export default {
    pipelines: [{ name: "chat", create: () => undefined }],
    agents: (orchestra) => [orchestra.agent({ name: "${name}", system: "Write.", model: "${model}" })],
  };`;

export const modelsStates: readonly BrokenState[] = [
  [
    "models/roles: unknown",
    /researcher: the server has no model anthropic\/claude-3-opsu\. Nearest: anthropic\//,
    async (scene) => ({
      ...(await onSandbox(scene)),
      AGENT_MODEL_MAP: '{"researcher":"anthropic/claude-3-opsu"}',
    }),
  ],
  [
    "models/roles: unknown",
    /titler: the server has no model openai\/gpt-44o\. Nearest: openai\//,
    async (scene) => {
      await scene.write({ "orchestra.config.mjs": configWith("titler", "openai/gpt-44o") });
      return onSandbox(scene);
    },
  ],
  ...(
    [
      ["no-tools", "researcher: a/small does not call tools", []],
      ["no-schema", "validator: a/small does not support JSON schemas", ["tools"]],
      ["small-context", "a context of 4096 tokens", ["tools", "structured_outputs"]],
    ] as const
  ).map(
    ([problem, says, abilities]): BrokenState => [
      `models/roles: ${problem}`,
      says,
      async (scene) => {
        const model = { id: "a/small", context_length: 4096, supported_parameters: abilities };
        const environment = await onServer(scene, { "/models": { data: [model] } });
        return { ...environment, OPENROUTER_DEFAULT_MODEL: "a/small" };
      },
    ],
  ),
  ...(
    [
      ["DOCUMENTS_EMBEDDING_MODEL", "openai/text-embeding-3-small", "openai/text-embedding-3-small"],
      ["DOCUMENTS_EMBEDDING_MODEL", "openai/gpt-4o", "openai/"],
      ["DOCUMENTS_RERANK_MODEL", "cohere/rerank-v3.6", "cohere/rerank-v3.5"],
    ] as const
  ).map(
    ([variable, id, nearest]): BrokenState => [
      "models/documents: unknown",
      new RegExp(`no model ${id} for .* Nearest: ${nearest}`),
      async (scene) => ({ ...(await onSandbox(scene)), [variable]: id }),
    ],
  ),
  [
    "models/fallbacks: unknown",
    "anthropic has the model claude-nought",
    async (scene) => ({
      ...(await onSandbox(scene)),
      PORTKEY_API_KEY: "pk-0123456789",
      PORTKEY_GATEWAY_URL: await gateway(scene, 200, 200),
      PORTKEY_FALLBACKS: fallbacks({ provider: "anthropic", model: "claude-nought" }),
    }),
  ],
];
