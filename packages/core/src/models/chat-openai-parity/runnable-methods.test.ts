import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { HumanMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda, RunnableMap } from "@langchain/core/runnables";
import { completion } from "../__fixtures__/openai-completion.ts";
import { describeParity } from "../__fixtures__/parity.ts";
import { textOf } from "../__fixtures__/text-of.ts";

async function* greeting() {
  yield await Promise.resolve([new HumanMessage("Hi")]);
}

const prompt = ChatPromptTemplate.fromMessages([
  ["system", "Be brief"],
  ["human", "Greet {name}"],
]);

describeParity("methods of a runnable", [
  {
    name: "batch",
    answer: ({ messages }) =>
      completion({ content: (messages as readonly { content: string }[])[0]?.content }),
    run: async (model) => (await model.batch(["a", "b"])).map(({ content }) => content),
    requests: 2,
    sees: ["a", "b"],
  },
  {
    name: "batch returns failures",
    answer: ({ messages }) =>
      (messages as readonly { content: string }[])[0]?.content === "b"
        ? { status: 400, error: { message: "Bad value" } }
        : completion(),
    run: async (model) => {
      const all = await model.batch(["a", "b"], undefined, { returnExceptions: true });
      return all.map((one) => (one instanceof Error ? "failed" : one.content));
    },
    requests: 2,
    sees: ["Hello there, world", "failed"],
  },
  {
    name: "batch with maxConcurrency",
    run: async (model, { server }) => {
      await model.batch(["a", "b", "c"], { maxConcurrency: 1 });
      return server.maxOpen();
    },
    requests: 3,
    sees: 1,
  },
  {
    name: "pipe",
    run: (model) => prompt.pipe(model).pipe(new StringOutputParser()).invoke({ name: "Ann" }),
    body: {
      messages: [
        { role: "system", content: "Be brief" },
        { role: "user", content: "Greet Ann" },
      ],
    },
    sees: "Hello there, world",
  },
  {
    name: "pipe streams",
    run: async (model) =>
      (
        await Array.fromAsync(
          await prompt.pipe(model).pipe(new StringOutputParser()).stream({ name: "Ann" }),
        )
      ).filter((text) => text !== ""),
    sees: ["Hello ", "there,", " world"],
  },
  {
    name: "transform",
    run: async (model) => {
      return textOf(model.transform(greeting(), {}));
    },
    sees: "Hello there, world",
  },
  {
    name: "inside a map and a lambda",
    run: (model) =>
      RunnableMap.from<string>({
        answer: model,
        echo: RunnableLambda.from((text: string) => text),
      }).invoke("Hi"),
    sees: { answer: { content: "Hello there, world" }, echo: "Hi" },
  },
  {
    name: "withListeners",
    run: async (model) => {
      const statuses: string[] = [];
      const onEnd = () => void statuses.push("end");
      const listening = model.withListeners({
        onStart: () => void statuses.push("start"),
        onEnd,
      });
      await listening.invoke("Hi");
      await awaitAllCallbacks();
      return statuses;
    },
    sees: ["start", "end"],
  },
  {
    name: "withRetry",
    run: (model) => model.withRetry({ stopAfterAttempt: 1 }).invoke("Hi"),
    sees: { content: "Hello there, world" },
  },
  {
    name: "withFallbacks",
    answer: ({ model }) =>
      model === "openai/gpt-4o" ? { status: 500, error: { message: "Down" } } : completion(),
    run: (model, { create }) =>
      model.withFallbacks([create({ model: "openai/gpt-4.1" })]).invoke("Hi"),
    requests: 2,
    sees: { content: "Hello there, world" },
  },
]);
