import { ChatOpenAI } from "@langchain/openai";
import { reportAnswer } from "./report-answer.mjs";

const [, , baseURL, apiKey, model] = process.argv;
const chat = new ChatOpenAI({ model, apiKey, configuration: { baseURL } });
await chat.invoke("How long does the lamp charge?");
reportAnswer();
