import { CallFailedError, Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: { budgetUsdPerCall: 0.05, budgetUsdPerRun: 0.5, budgetTokensPerDay: 2_000_000 },
});

try {
  const answer = await orchestra.chat("What is a budget?", { maxTokens: 8000 });
  console.log(answer.text);
} catch (error) {
  if (CallFailedError.isInstance(error) && error.code === "budget_error") {
    console.log(error.message); // the budget, what is spent, what the request could cost
  } else throw error;
}
