import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  onCall: ({ role, servedModel, promptTokens, completionTokens, costUsd, attempts }) => {
    console.log(role, servedModel, promptTokens + completionTokens, costUsd);
    for (const { error, waitedMs } of attempts) if (error) console.log(error.kind, waitedMs);
  },
});

await orchestra.chat("Name three uses of copper.", { agent_type: "executor" });
console.log(orchestra.ledger.by("role").get("executor")?.costUsd);
