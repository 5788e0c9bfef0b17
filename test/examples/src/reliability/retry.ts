import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: {
    maxRetries: 5, // 5 further attempts after the first
    retryableErrors: ["connection_error", "service_error"],
  },
});

// Another policy for one model.
const patient = orchestra.modelFor("writer").withRetry({ maxAttempts: 10 });
const answer = await patient.invoke("What is jitter?");
console.log(answer.text);
