import { ChatOpenAI } from "@langchain/openai";

const model = new ChatOpenAI({ model: "agent:researcher", useResponsesApi: false });
const answer = await model.invoke("When was the lighthouse built?");
console.log(answer.text);
