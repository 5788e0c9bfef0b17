import type { Json, WireChoice, WireCompletion } from "./openai-completion.ts";

/** The same completion as OpenAI streams it: small deltas for each choice, then the usage if requested. */
export function chunksOf(completion: WireCompletion, includesUsage: boolean): readonly Json[] {
  const { choices, usage, ...rest } = completion;
  const base = { ...rest, object: "chat.completion.chunk" };
  const chunks = choices.flatMap((choice, index) =>
    deltasOf(choice).map(({ delta, ...fields }) => ({
      ...base,
      choices: [{ index, delta, finish_reason: null, logprobs: null, ...fields }],
      ...(includesUsage ? { usage: null } : {}),
    })),
  );
  return includesUsage ? [...chunks, { ...base, choices: [], usage }] : chunks;
}

interface Delta extends Json {
  readonly delta: Json;
}

function deltasOf({ message, logprobs, finish_reason }: WireChoice): readonly Delta[] {
  const { role, content, refusal, tool_calls, function_call, audio, ...others } = message;
  return [
    { delta: { role, content: "" } },
    ...Object.entries(others).flatMap(([name, value]) =>
      typeof value === "string"
        ? halves(value).map((part) => ({ delta: { [name]: part } }))
        : [{ delta: { [name]: value } }],
    ),
    ...contentDeltas(content, logprobs),
    ...(typeof refusal === "string" ? halves(refusal).map((refusal) => ({ delta: { refusal } })) : []),
    ...((tool_calls ?? []) as readonly ToolCall[]).flatMap(toolCallDeltas),
    ...(function_call ? functionCallDeltas(function_call as FunctionCall) : []),
    ...(audio ? audioDeltas(audio as Json) : []),
    { delta: {}, finish_reason },
  ];
}

function contentDeltas(content: unknown, logprobs: WireChoice["logprobs"]): readonly Delta[] {
  if (typeof content !== "string") return [];
  if (!logprobs) return pieces(content).map((content) => ({ delta: { content } }));
  return logprobs.content.map((entry) => ({
    delta: { content: entry.token },
    logprobs: { content: [entry], refusal: null },
  }));
}

interface FunctionCall {
  readonly name: string;
  readonly arguments: string;
}

interface ToolCall {
  readonly id: string;
  readonly type: string;
  readonly function: FunctionCall;
}

function toolCallDeltas({ id, type, function: call }: ToolCall, index: number): readonly Delta[] {
  const parts = pieces(call.arguments).map((part) => ({ index, function: { arguments: part } }));
  const start = { index, id, type, function: { name: call.name, arguments: "" } };
  return [start, ...parts].map((part) => ({ delta: { tool_calls: [part] } }));
}

function functionCallDeltas({ name, arguments: args }: FunctionCall): readonly Delta[] {
  const parts = [{ name, arguments: "" }, ...pieces(args).map((part) => ({ arguments: part }))];
  return parts.map((function_call) => ({ delta: { function_call } }));
}

/** OpenAI sends the id first, then transcript and data piece by piece, then the expiry. */
function audioDeltas({ id, transcript, data, expires_at }: Json): readonly Delta[] {
  const parts = [
    { id },
    ...halves(String(transcript)).map((transcript) => ({ transcript })),
    ...halves(String(data)).map((data) => ({ data })),
    { expires_at },
  ];
  return parts.map((audio) => ({ delta: { audio } }));
}

function pieces(text: string): readonly string[] {
  return text.match(/.{1,6}/gs) ?? [];
}

function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((part) => part !== "");
}
