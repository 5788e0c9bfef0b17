import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();
await orchestra.chat("Hello", { agent_type: "validator" });
await orchestra.model.invoke("Hello", { configurable: { agent_type: "validator" } });
