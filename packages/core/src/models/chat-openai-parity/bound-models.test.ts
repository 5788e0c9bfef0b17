import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { z } from "zod";
import { completion } from "../__fixtures__/openai-completion.ts";
import { describeParity } from "../__fixtures__/parity.ts";
import { textOf } from "../__fixtures__/text-of.ts";
import { city, weatherTool } from "../__fixtures__/tools.ts";

describeParity("bound chat models", [
  {
    name: "withConfig returns a chat model with the options",
    run: async (model) => {
      const bound = model.withConfig({ stop: ["END"], seed: 1 });
      return { isChatModel: bound instanceof BaseChatModel, answer: await bound.invoke("Hi") };
    },
    body: { stop: ["END"], seed: 1 },
    sees: { isChatModel: true },
  },
  {
    name: "withConfig twice joins the options",
    run: (model) =>
      model
        .withConfig({ stop: ["A"], seed: 1 })
        .withConfig({ seed: 2 })
        .invoke("Hi"),
    body: { stop: ["A"], seed: 2 },
  },
  {
    name: "options of the call before those of withConfig",
    run: (model) => model.withConfig({ seed: 1, stop: ["A"] }).invoke("Hi", { seed: 3 }),
    body: { seed: 3, stop: ["A"] },
  },
  {
    name: "withConfig applies to streams",
    run: async (model) => textOf(await model.withConfig({ seed: 5 }).stream("Hi")),
    body: { seed: 5 },
    sees: "Hello there, world",
  },
  {
    name: "withConfig keeps the constructor's options",
    fields: { temperature: 0.1, topP: 0.5 },
    run: (model) => model.withConfig({ seed: 5 }).invoke("Hi"),
    body: { temperature: 0.1, top_p: 0.5, seed: 5 },
  },
  {
    name: "withConfig leaves the model as it was",
    run: (model) => {
      model.withConfig({ seed: 5 });
      return model.invoke("Hi");
    },
    without: ["seed"],
  },
  {
    name: "bindTools returns a chat model",
    run: async (model) => {
      const bound = model.bindTools([weatherTool]);
      return { isChatModel: bound instanceof BaseChatModel, answer: await bound.invoke("Hi") };
    },
    sees: { isChatModel: true },
  },
  {
    name: "bindTools, withConfig and withStructuredOutput in a chain",
    answer: completion({ content: city }),
    run: (model) =>
      ((model.bindTools([weatherTool]) as typeof model).withConfig({ seed: 9 }) as typeof model)
        .withStructuredOutput(z.object({ city: z.string() }), { method: "jsonMode" })
        .invoke("Hi"),
    body: { tools: [weatherTool], seed: 9, response_format: { type: "json_object" } },
    sees: { city: "Paris" },
  },
]);
