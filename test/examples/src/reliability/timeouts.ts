import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: { requestTimeoutMs: 60_000, firstTokenTimeoutMs: 10_000, callTimeoutMs: 120_000 },
});

// Other limits for one role.
const reasoner = orchestra.modelFor("reasoner", {
  timeouts: { attemptMs: 300_000, firstTokenMs: 120_000 },
});

// And a limit of the caller: it ends waits, retries and requests at once.
const answer = await reasoner.invoke("What is a timeout?", {
  signal: AbortSignal.timeout(240_000),
});
console.log(answer.text);
