import { Orchestra } from "@orchestra/core";
import { Gateway } from "@orchestra/core/gateway";

const gateway = new Gateway();
const { choices } = await gateway.completions.create({
  messages: [{ role: "user", content: "What is a retry?" }],
});
console.log(choices[0]?.message.content);

const orchestra = new Orchestra(gateway);
await orchestra.chat("What is a fallback?");
console.log(gateway.ledger.total.calls);
