import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";

const sandbox = await startSandbox();
const orchestra = new Orchestra({
  settings: {
    openRouterApiKey: "sk-or-v1-any",
    baseUrl: sandbox.url,
    portkeyGatewayUrl: sandbox.gatewayUrl,
    fallbacks: [{ provider: "openai", model: "gpt-4o-mini" }],
    retryDelayMs: 10,
    logLevel: "silent",
  },
  onEvent: (event) => {
    if (event.type === "retry" || event.type === "fallback") console.log(event.type, event.kind);
  },
});

sandbox.order({ fault: "status", status: 503, model: "openai/gpt-4o" });
const answer = await orchestra.chat(
  "# Task\nWhen was it built?\n\n# Archive\nThe lighthouse was built in 1871.",
);
console.log(answer.text);

await orchestra.flushCosts();
const { attempts, promptTokens, completionTokens, costUsd } = orchestra.ledger.total;
console.log({ attempts, promptTokens, completionTokens, costUsd });
await sandbox.close();
