import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";

const sandbox = await startSandbox(); // a local mock of OpenRouter, which accepts any key
sandbox.order({ model: "openai/gpt-4o", fault: "status", status: 503 }); // one model is down

const orchestra = new Orchestra({
  settings: {
    openRouterApiKey: "sk-or-v1-any",
    baseUrl: sandbox.url,
    portkeyGatewayUrl: sandbox.gatewayUrl,
    defaultModel: "openai/gpt-4o",
    fallbacks: [{ provider: "openai", model: "gpt-4o-mini" }],
    maxRetries: 2,
    retryDelayMs: 10,
    logLevel: "silent", // the default, "info", logs each call to standard error
  },
  onEvent: (event) => {
    if (event.type === "retry") console.log("retry", event.kind);
    if (event.type === "fallback") console.log("fallback to", event.to);
  },
});

const { text } = await orchestra.chat(
  "When was the lighthouse built?\n\nThe lighthouse was built in 1871. Its lamp is electric.",
);
console.log(text);

await orchestra.flushCosts();
console.log(`$${orchestra.ledger.total.costUsd}`);
await sandbox.close();
