import { DIALECTS, dialectModel, startSandbox } from "@orchestra/sandbox";

/** What a call asks for; the agent's tool is asked for by the first answer of a `tools` call. */
export type Task = "chat" | "tools" | "structured";

/** A valid answer of a server, as its bytes came. */
export interface Recording {
  readonly name: string;
  readonly task: Task;
  readonly isStream: boolean;
  readonly contentType: string;
  readonly text: string;
}

/** The dialects whose bytes differ most, and OpenRouter's own form. */
const recordedDialects = new Set(
  `vllm ollama llama-cpp tgi sglang litellm azure gemini deepseek moonshot glm minimax mistral anthropic
  groq tool-index-missing tool-beginning-repeated completion-id-same`.split(/\s+/),
);

const sentence = "The lamp charges in four hours.";
const messages = [
  {
    role: "user",
    content: `# Question\nHow many hours does the lamp charge?\n\n# Material\n${sentence}`,
  },
];
const tools = [
  {
    type: "function",
    function: {
      name: "search",
      description: "Searches the documents",
      parameters: {
        type: "object",
        properties: { query: { type: "string" } },
        required: ["query"],
        additionalProperties: false,
      },
    },
  },
];
const schema = {
  type: "object",
  properties: { answer: { type: "string" }, confidence: { type: "number" } },
  required: ["answer", "confidence"],
  additionalProperties: false,
};
const tasks: readonly (readonly [Task, object])[] = [
  ["chat", { messages }],
  [
    "tools",
    { messages: [{ role: "user", content: "How many hours does the lamp charge?" }], tools },
  ],
  [
    "structured",
    {
      messages,
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", strict: true, schema },
      },
    },
  ],
];

/** Records an answer to each task, whole and streamed, in each of the dialects. */
export async function recordAnswers(): Promise<readonly Recording[]> {
  const sandbox = await startSandbox();
  const models = DIALECTS.filter(({ name }) => recordedDialects.has(name)).map(
    (dialect) => [dialect.name, dialectModel(dialect)] as const,
  );
  const recordings: Recording[] = [];
  for (const [name, model] of [["openrouter", "openai/gpt-4o"] as const, ...models]) {
    for (const [task, request] of tasks) {
      for (const stream of [false, true]) {
        const response = await fetch(`${sandbox.url}/chat/completions`, {
          method: "POST",
          headers: {
            authorization: "Bearer sk-or-v1-record-0123456789",
            "content-type": "application/json",
          },
          body: JSON.stringify({
            model,
            stream,
            stream_options: { include_usage: true },
            ...request,
          }),
        });
        const contentType = response.headers.get("content-type") ?? "";
        const text = await response.text();
        if (!response.ok) throw new Error(`${name} answers ${response.status}: ${text}`);
        recordings.push({ name, task, isStream: stream, contentType, text });
      }
    }
  }
  await sandbox.close();
  return recordings;
}
