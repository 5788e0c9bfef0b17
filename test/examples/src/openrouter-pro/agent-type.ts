import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();

for (const agent_type of ["researcher", "validator", "executor"]) {
  const answer = await orchestra.chat("Name three uses of copper.", { agent_type });
  console.log(agent_type, answer.response_metadata["model_name"]);
}
