import { Orchestra } from "@orchestra/core";
import { reportAnswer } from "./report-answer.mjs";

const [, , baseUrl, apiKey, model, logLevel] = process.argv;
const environment = {
  OPENROUTER_API_KEY: apiKey,
  OPENROUTER_BASE_URL: baseUrl,
  OPENROUTER_DEFAULT_MODEL: model,
  LOG_LEVEL: logLevel,
};
await new Orchestra({ environment }).chat("How long does the lamp charge?");
reportAnswer();
