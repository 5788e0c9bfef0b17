import { ChatOpenAICompletions, type ChatOpenAIFields, type OpenAIClient } from "@langchain/openai";
import { toModelError } from "../errors/classify.ts";
import { systemClock } from "../clock/index.ts";
import { checkCompletion } from "./check-completion.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { collectCompletion } from "./collect-completion.ts";
import { CompletionsEndpoint } from "./completions-endpoint.ts";
import type { CompletionRequest } from "./request.ts";
import { sight, sightHeaders } from "./sight.ts";
import { watchStream } from "./watch-stream.ts";
import type { Completion, CompletionChunk } from "./wire.ts";

type Streaming = OpenAIClient.Chat.ChatCompletionCreateParamsStreaming;
type NonStreaming = OpenAIClient.Chat.ChatCompletionCreateParamsNonStreaming;

/** The call option by which an attempt reaches the transport. */
export interface CompletionCallOptions {
  readonly options?: { readonly completionRequest?: CompletionRequest };
}

type RequestOptions = OpenAIClient.RequestOptions &
  CompletionCallOptions & {
    readonly completionRequest?: CompletionRequest;
  };

/**
 * The one place where an HTTP request for a completion is made: it sees each answer as it came
 * over the wire, before LangChain turns it into messages, and throws for every answer that is none.
 */
export class WatchedCompletions extends ChatOpenAICompletions {
  readonly #overrides: Readonly<Record<string, unknown>>;
  readonly #isKeyless: boolean;
  #endpoint: Promise<CompletionsEndpoint> | undefined;

  /**
   * @param overrides - Request fields that replace the call's own.
   * @param isKeyless - Takes the `Authorization` off that the client insists on.
   */
  constructor(
    fields: ChatOpenAIFields,
    overrides: Readonly<Record<string, unknown>> = {},
    isKeyless = false,
  ) {
    super(fields);
    this.#overrides = overrides;
    this.#isKeyless = isKeyless;
  }

  override completionWithRetry(
    request: Streaming,
    options?: RequestOptions,
  ): Promise<AsyncIterable<CompletionChunk>>;
  override completionWithRetry(
    request: NonStreaming,
    options?: RequestOptions,
  ): Promise<Completion>;
  override async completionWithRetry(
    request: Streaming | NonStreaming,
    options: RequestOptions = {},
  ): Promise<AsyncIterable<CompletionChunk> | Completion> {
    // LangChain spreads `options` into the request's options for a whole answer, not for a stream.
    const watched = options.completionRequest ?? options.options?.completionRequest;
    const { seen, headers, streamsWhole, onText, affordableTokens, onProgress, now } =
      watched ?? unwatched();
    const isLive = request.stream === true;
    const body = {
      ...request,
      ...this.#overrides,
      ...(affordableTokens === undefined
        ? {}
        : { max_tokens: Math.min(affordableTokens, request.max_tokens ?? affordableTokens) }),
      ...(isLive || streamsWhole ? { stream: true, stream_options: { include_usage: true } } : {}),
    };
    try {
      this.#endpoint ??= this.#findEndpoint();
      const endpoint = await this.#endpoint;
      const response = await endpoint.post(body, { headers, signal: options.signal });
      sightHeaders(seen, response);
      if (!isEventStream(response)) {
        const completion = (await response.json()) as Completion;
        sight(seen, completion);
        checkCompletion(completion);
        return isLive ? asStream(completion) : completion;
      }
      const reader = new ChunkReader(response.body as Body);
      const packets = watchStream(reader, { seen, onProgress }, now ?? systemClock.now);
      if (isLive) return flatten(packets);
      const completion = await collectCompletion(packets, onText);
      checkCompletion(completion);
      return completion;
    } catch (error) {
      const failure = toModelError(error, { model: this.model });
      if (failure.status !== undefined) seen.status ??= failure.status;
      throw failure;
    }
  }

  #findEndpoint(): Promise<CompletionsEndpoint> {
    // Makes the client.
    this._getClientOptions(undefined);
    const { fetch } = this.clientConfig;
    return CompletionsEndpoint.of(this.client, { fetch, isKeyless: this.#isKeyless });
  }
}

/** Of a `fetch` of the user's, or of {@link leanFetch}. */
type Body = ConstructorParameters<typeof ChunkReader>[0];

function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.includes("text/event-stream") ?? false;
}

async function* flatten<T>(packets: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const packet of packets) yield* packet;
}

/** A server that does not stream answers a streaming request whole; one chunk says the same. */
async function* asStream(completion: Completion): AsyncGenerator<CompletionChunk> {
  const { choices, usage, ...rest } = completion;
  yield {
    ...rest,
    object: "chat.completion.chunk",
    choices: choices.map(({ message, ...choice }) => ({
      ...choice,
      delta: {
        role: "assistant",
        content: message.content,
        ...(message.tool_calls
          ? {
              tool_calls: message.tool_calls.flatMap((call, index) =>
                call.type === "function" ? [{ index, ...call }] : [],
              ),
            }
          : {}),
      },
    })),
  };
  yield {
    ...rest,
    object: "chat.completion.chunk",
    choices: [],
    ...(usage ? { usage } : {}),
  };
}

function unwatched(): CompletionRequest {
  return { headers: {}, streamsWhole: false, seen: {} };
}
