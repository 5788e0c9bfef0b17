import { CallFailedError, Orchestra } from "@orchestra/core";

try {
  await new Orchestra().chat("What is a circuit breaker?");
} catch (error) {
  if (!CallFailedError.isInstance(error)) throw error;
  console.log(error.code); // the kind of the last attempt, such as "service_error"
  for (const { model, status, error: failure } of error.attempts) {
    console.log(model, status, failure?.kind);
  }
}
