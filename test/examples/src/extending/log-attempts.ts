import { Orchestra, type Policy } from "@orchestra/core";

const logAttempts: Policy = (next, { role }) => {
  return async (attempt) => {
    console.log(role, attempt.route.model, attempt.request.messages.length);
    return next(attempt);
  };
};

const orchestra = new Orchestra({ policies: (defaults) => [...defaults, logAttempts] });
await orchestra.chat("What is a retry?");
