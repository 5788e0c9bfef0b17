/** The documentation of one variable. */
export interface VariableDocs {
  /** In Markdown. */
  readonly does: string;
  /** Its values, in Markdown. @defaultValue the values that the setting expects */
  readonly value?: string;
  /** The behavior if the variable is not set, in words, if that is not a value. @defaultValue `none` */
  readonly without?: string;
}

/** A section of `docs/configuration.md`. */
export interface SettingsSection {
  readonly title: string;
  /** By name, in the order of the page. */
  readonly variables: Readonly<Record<string, VariableDocs>>;
}

/** Every variable: those of the models, of the runtime and of the server. `docs/configuration.md` is generated from this. */
export const settingsSections: readonly SettingsSection[] = [
  {
    title: "OpenRouter",
    variables: {
      OPENROUTER_API_KEY: {
        does: "Key of the account. Required unless `OPENROUTER_BASE_URL` is another server.",
      },
      PREFERRED_LLM_PROVIDER: {
        does: "Where the first attempt of a call goes: `openrouter` or `portkey`.",
      },
      OPENROUTER_DEFAULT_MODEL: { does: "Model of every role without a model." },
      OPENROUTER_BASE_URL: {
        does: "Root of any OpenAI-compatible API, such as Ollama or vLLM, without `/chat/completions`.",
      },
      OPENROUTER_HEADERS: {
        does: "Headers of every request, such as `HTTP-Referer` and `X-Title`.",
      },
      OPENROUTER_PROVIDER: {
        does: '[Provider routing](https://openrouter.ai/docs/guides/routing/provider-selection) of every request to OpenRouter, such as `{"sort":"throughput"}`.',
      },
      AGENT_MODEL_MAP: { does: "Model of each role." },
      AGENT_REQUEST_MAP: {
        does: 'Request fields of each role, such as `{"researcher":{"plugins":[{"id":"web"}]}}`.',
      },
    },
  },
  {
    title: "Retries",
    variables: {
      LLM_REQUEST_TIMEOUT: { does: "Timeout of one attempt." },
      LLM_FIRST_TOKEN_TIMEOUT: { does: "Timeout of an attempt's first token." },
      LLM_STALL_TIMEOUT: { does: "Maximum pause between two pieces of an answer." },
      LLM_READER_TIMEOUT: {
        does: "Maximum time for which a stream is not read; then it is closed.",
      },
      LLM_CALL_TIMEOUT: { does: "Timeout of a call with its retries, fallbacks and waits." },
      LLM_STREAM_RESTARTS: {
        does: "How often a broken live stream may start again. Each restart emits an event.",
      },
      LLM_MAX_RETRIES: { does: "Further attempts at the same model after the first." },
      LLM_RETRY_DELAY: { does: "Maximum of the first wait." },
      LLM_RETRY_MAX_DELAY: { does: "Maximum of any wait." },
      LLM_RETRYABLE_ERRORS: {
        does: "Kinds of error to retry.",
        value: "[kinds](./reliability.md#kinds-of-error), separated by commas",
      },
      LLM_CALL_MAX_ATTEMPTS: {
        does: "Requests that one call may send, to all its models together.",
      },
      LLM_CIRCUIT_COOLDOWN: {
        does: "How long a failing route is skipped, if there is another one.",
      },
      LLM_HEDGE_AFTER: {
        does: "When a second request is sent if the first one is slow.",
        without: "never",
      },
      LLM_COALESCE: { does: "Whether identical calls in flight are sent once." },
    },
  },
  {
    title: "The account's limits",
    variables: {
      OPENROUTER_TIER: {
        does: "`auto`: only free models are limited. `free`: 20 requests a minute, 50 a day. `pro`: 60 and 1,000.",
      },
      LLM_REQUESTS_PER_MINUTE: {
        does: "Requests in any minute, or `none`.",
        without: "the tier's",
      },
      LLM_REQUESTS_PER_DAY: { does: "Requests in a UTC day, or `none`.", without: "the tier's" },
      LLM_TOKENS_PER_MINUTE: { does: "Tokens in any minute." },
      LLM_MAX_CONCURRENCY: { does: "Requests in flight at one time." },
      LLM_ON_QUOTA: {
        does: "What a call does when the day's requests are used up: `fail`, or `wait` for the next day.",
      },
      LLM_REFUSAL_MAX_DELAY: {
        does: "Maximum time, in seconds, for which a refusal by the server delays other requests. A refusal for the limit of the day lasts until the end of the UTC day.",
      },
    },
  },
  {
    title: "Budgets",
    variables: {
      LLM_BUDGET_USD_PER_CALL: {
        does: "US dollars that one call may cost, with its retries and fallbacks.",
      },
      LLM_BUDGET_USD_PER_RUN: { does: "US dollars that one run may cost." },
      LLM_BUDGET_USD_PER_DAY: { does: "US dollars that one UTC day may cost." },
      LLM_BUDGET_TOKENS_PER_CALL: { does: "Tokens that one call may use." },
      LLM_BUDGET_TOKENS_PER_RUN: { does: "Tokens that one run may use." },
      LLM_BUDGET_TOKENS_PER_DAY: { does: "Tokens that one UTC day may use." },
    },
  },
  {
    title: "Limits of what is received",
    variables: {
      LLM_MAX_ANSWER_BYTES: { does: "Maximum size of one answer, streamed or whole." },
      LLM_MAX_EVENT_BYTES: {
        does: "Maximum size of one JSON document: an event of a stream, or a whole answer. Also the maximum size of all texts of a stream together.",
      },
      LLM_MAX_ERROR_BYTES: { does: "How much of the body of an error is read." },
      LLM_MAX_CATALOG_BYTES: { does: "Maximum size of `GET /models`." },
      LLM_MAX_LOOKUP_BYTES: { does: "Maximum size of `GET /key` and of `GET /generation`." },
      LLM_MAX_TOOL_CALLS: { does: "Tool calls that one answer may have." },
      LLM_TOOL_TIMEOUT: {
        does: "Timeout of one call of an agent's tool, of one check of an answer, and of your own policy after it got its answer.",
      },
      LLM_MAX_TOOL_RESULT: {
        does: "How much of a tool's result the model gets; the rest is cut off, with a note.",
      },
    },
  },
  {
    title: "Documents",
    variables: {
      DOCUMENTS_EMBEDDING_MODEL: {
        does: "Model that computes vectors of documents and queries, so that search also finds passages with the same meaning in other words.",
        without: "search by words only",
      },
      DOCUMENTS_RERANK_MODEL: {
        does: "Model that sorts the passages that search finds by their relevance.",
        without: "none",
      },
    },
  },
  {
    title: "Fallbacks through Portkey",
    variables: {
      PORTKEY_API_KEY: {
        does: "Key of Portkey. Required for fallbacks, unless the gateway is self-hosted.",
      },
      PORTKEY_GATEWAY_URL: {
        does: "URL of a self-hosted gateway, with its `/v1`. It needs no key of Portkey.",
        without: "Portkey's hosted gateway",
      },
      PORTKEY_MODE: {
        does: "With `PREFERRED_LLM_PROVIDER=portkey`: whether Orchestra (`client`) or the gateway (`gateway`) falls back.",
      },
      PORTKEY_FALLBACKS: { does: "Up to 20 models to fall back on, in this order." },
      TRACE_ID: { does: "Trace id of every call.", without: "one per run" },
      VIRTUAL_KEY: { does: "Portkey's virtual key for fallbacks that have no other key." },
      LLM_ALLOW_PAID_FALLBACK: { does: "Whether a free model may fall back to a paid one." },
      LLM_FALLBACK_ON_REFUSAL: {
        does: "Whether a call falls back if a model refuses it for its content.",
      },
    },
  },
  {
    title: "Runs",
    variables: {
      DATABASE_URL: {
        does: "`postgresql://user:password@host:5432/name`: the PostgreSQL that all processes share. [Several hosts](./deployment.md#failover) are separated by commas.",
        without: "an embedded database",
      },
      ORCHESTRA_HOME: {
        does: "Folder of the embedded database, which only one process at a time can use.",
      },
      ORCHESTRA_ARTIFACTS_DIR: {
        does: "Folder with a folder for the [artifacts](./documents.md#write-files) of each run. On several machines, a volume that all workers and servers share.",
        without: "`artifacts` in `ORCHESTRA_HOME`",
      },
      ORCHESTRA_DATABASE_SCHEMA: {
        does: "Schema of the tables. The schema of the queue has the same name with `_queue` at its end.",
      },
      ORCHESTRA_DATABASE_CONNECTIONS: {
        does: "Maximum connections of one process for statements; it has [up to three more](./deployment.md#connections).",
      },
      ORCHESTRA_DATABASE_TIMEOUT: {
        does: "Timeout of one statement. After it the database counts as not available, and the statement is repeated.",
      },
      ORCHESTRA_AUTO_MIGRATE: {
        does: "Whether a runtime applies missing migrations when it opens the database. With `false` it refuses to start if some are missing; `orchestra migrate` applies them.",
      },
      ORCHESTRA_MAX_PAYLOAD_BYTES: {
        does: "Maximum size as JSON of a run's input, output, open questions, and of each decision.",
      },
      ORCHESTRA_RETENTION_DAYS: {
        does: "Days that a run is kept after its end, with its events, journal, checkpoints and artifacts.",
      },
    },
  },
  {
    title: "Server",
    variables: {
      ORCHESTRA_SERVER_HOST: {
        does: "Address that the [server](./service.md) listens on. If other machines can reach it, keys are required.",
      },
      ORCHESTRA_SERVER_PORT: { does: "Port of the server; `0` selects a free one." },
      ORCHESTRA_SERVER_KEYS: {
        does: "Keys that clients send as `Authorization: Bearer …`.",
        without: "no key is required",
      },
      ORCHESTRA_SERVER_ALLOWED_HOSTS: {
        does: "Names that clients may send in the `Host` header.",
        without: "loopback names; on other addresses, any name",
      },
      ORCHESTRA_SERVER_ALLOWED_ORIGINS: {
        does: "Origins of web pages that may call the server from a browser.",
      },
      ORCHESTRA_SERVER_MAX_BODY_BYTES: { does: "Maximum size of the body of a request." },
      ORCHESTRA_SERVER_REQUEST_TIMEOUT: {
        does: "Maximum time that a client may take to send its request; then the connection is closed.",
      },
      ORCHESTRA_SERVER_KEEP_ALIVE: {
        does: "Time without data, before the first token of a stream or between events of a run, after which the client gets a comment. The comment keeps proxies from closing the connection.",
      },
      ORCHESTRA_SERVER_GRACE: {
        does: "When the server stops: time for requests in progress to end.",
      },
    },
  },
  {
    title: "Log",
    variables: {
      LOG_LEVEL: { does: "`error`, `warn`, `info`, `debug` or `silent`." },
      LOG_PROMPTS: { does: "Whether prompts and answers are kept in records and logged." },
    },
  },
];

/** What each variable does, in plain text. */
export const variableMeanings: Readonly<Record<string, string>> = Object.fromEntries(
  settingsSections.flatMap(({ variables }) =>
    Object.entries(variables).map(([name, { does }]) => [name, plain(does)]),
  ),
);

/** Text without Markdown. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
}
