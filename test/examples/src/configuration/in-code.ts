import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({ settings: { defaultModel: "openai/gpt-4o", maxRetries: 5 } });
console.log(orchestra.settings.maxRetries);
