import { Orchestra, policies } from "@orchestra/core";

console.log(policies.map(({ name }) => name)); // ["callTimeout", "fallback", …]

// The same policies without the circuit breaker.
const orchestra = new Orchestra({
  policies: (defaults) => defaults.filter(({ name }) => name !== "circuitBreaker"),
});
await orchestra.chat("What is a policy?");
