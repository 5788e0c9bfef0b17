import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();
await orchestra.chat("What is jitter?", { configurable: { run_id: "run-42" } });

const { costUsd, promptTokens, completionTokens, attempts, durationMs } =
  orchestra.ledger.run("run-42");
console.log(costUsd, promptTokens + completionTokens, attempts, durationMs);
