import { OpenAIClient } from "@langchain/openai";

const { APIConnectionError, APIError, APIUserAbortError } = OpenAIClient;

export interface PostOptions {
  /** Headers of this request alone; their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | null | undefined;
}

export interface CompletionsEndpointOptions {
  /** @defaultValue the global one */
  readonly fetch?: typeof fetch | undefined;
  /** Takes the `Authorization` off that the client insists on. */
  readonly isKeyless: boolean;
}

/**
 * Where an OpenAI client asks for completions. The client says once where that is, and which headers
 * go with every request; to put each request together anew would take it longer than reading a short
 * answer does.
 */
export class CompletionsEndpoint {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: typeof fetch;

  /** Asks the client. */
  static async of(
    client: OpenAIClient,
    { fetch: send = fetch, isKeyless }: CompletionsEndpointOptions,
  ): Promise<CompletionsEndpoint> {
    const { url, req } = await client.buildRequest({
      method: "post",
      path: "/chat/completions",
      headers: isKeyless ? { Authorization: null } : {},
      body: {},
    });
    return new CompletionsEndpoint(url, Object.fromEntries(req.headers), send);
  }

  private constructor(url: string, headers: Readonly<Record<string, string>>, send: typeof fetch) {
    this.#url = url;
    this.#headers = headers;
    this.#fetch = send;
  }

  /** @throws what the client throws where no answer comes, or one that is an error */
  async post(body: object, options: PostOptions): Promise<Response> {
    const response = await this.#send(body, options);
    if (response.ok) return response;
    const { status, headers } = response;
    // A status says enough, though what was to explain it may have been cut off.
    const text = await response.text().catch(String);
    const json = parse(text);
    const error = json?.error ?? json;
    throw APIError.generate(status, { error }, json ? undefined : text, headers);
  }

  async #send(body: object, { headers, signal = null }: PostOptions): Promise<Response> {
    const send = this.#fetch;
    try {
      return await send(this.#url, {
        method: "POST",
        headers: { ...this.#headers, ...headers },
        body: JSON.stringify(body),
        signal,
      });
    } catch (cause) {
      if (signal?.aborted) throw Object.assign(new APIUserAbortError(), { cause });
      throw new APIConnectionError({ cause: cause as Error });
    }
  }
}

function parse(text: string): { readonly error?: unknown } | undefined {
  try {
    return JSON.parse(text) as { error?: unknown };
  } catch {
    return undefined;
  }
}
