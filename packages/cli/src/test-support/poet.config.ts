import { defineConfig } from "../index.ts";
import answerConfig from "./answer.config.ts";

/** A config with a pipeline and an agent. */
export default defineConfig({
  ...answerConfig,
  agents: (orchestra) => [orchestra.agent({ name: "poet", system: "You write haiku." })],
});
