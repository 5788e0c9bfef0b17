/**
 * What each variable does, in plain text: those of the models and those of the runtime.
 * `docs/configuration.md` has the same texts; a test compares the two.
 */
export const variableMeanings: Readonly<Record<string, string>> = {
  OPENROUTER_API_KEY: "Key of the account. Required unless OPENROUTER_BASE_URL is another server.",
  PREFERRED_LLM_PROVIDER: "Where the first attempt of a call goes: openrouter or portkey.",
  OPENROUTER_DEFAULT_MODEL: "Model of every role without a model.",
  OPENROUTER_BASE_URL:
    "Root of any OpenAI-compatible API, such as Ollama or vLLM, without /chat/completions.",
  OPENROUTER_HEADERS: "Headers of every request, such as HTTP-Referer and X-Title.",
  OPENROUTER_PROVIDER:
    'Provider routing of every request to OpenRouter, such as {"sort":"throughput"}.',
  AGENT_MODEL_MAP: "Role to model.",
  AGENT_REQUEST_MAP:
    'Role to fields of its requests to OpenRouter, such as {"researcher":{"plugins":[{"id":"web"}]}}.',
  LLM_REQUEST_TIMEOUT: "Timeout of one attempt.",
  LLM_FIRST_TOKEN_TIMEOUT: "Timeout of an attempt's first token.",
  LLM_STALL_TIMEOUT: "Maximum pause between two pieces of an answer.",
  LLM_READER_TIMEOUT: "Maximum time for which a stream is not read; then it is closed.",
  LLM_CALL_TIMEOUT: "Timeout of a call with its retries, fallbacks and waits.",
  LLM_MAX_RETRIES: "Further attempts at the same model after the first.",
  LLM_RETRY_DELAY: "Maximum of the first wait.",
  LLM_RETRY_MAX_DELAY: "Maximum of any wait.",
  LLM_REFUSAL_MAX_DELAY:
    "Maximum time, in seconds, for which one refusal by the server holds back other requests. A refusal of the day ends with the UTC day.",
  LLM_RETRYABLE_ERRORS: "Kinds of error to retry.",
  OPENROUTER_TIER:
    "auto: only free models are limited. free: 20 requests a minute, 50 a day. pro: 60 and 1,000.",
  LLM_REQUESTS_PER_MINUTE: "Requests in any minute, or none.",
  LLM_REQUESTS_PER_DAY: "Requests in a UTC day, or none.",
  LLM_TOKENS_PER_MINUTE: "Tokens in any minute.",
  LLM_MAX_CONCURRENCY: "Requests in flight at one time.",
  LLM_ON_QUOTA:
    "What a call does when the day's requests are used up: fail, or wait for the next day.",
  LLM_BUDGET_USD_PER_CALL: "US dollars that one call may cost, with its retries and fallbacks.",
  LLM_BUDGET_USD_PER_RUN: "US dollars that one run may cost.",
  LLM_BUDGET_USD_PER_DAY: "US dollars that one UTC day may cost.",
  LLM_BUDGET_TOKENS_PER_CALL: "Tokens that one call may use.",
  LLM_BUDGET_TOKENS_PER_RUN: "Tokens that one run may use.",
  LLM_BUDGET_TOKENS_PER_DAY: "Tokens that one UTC day may use.",
  LLM_CALL_MAX_ATTEMPTS: "Requests that one call may send, to all its models together.",
  LLM_HEDGE_AFTER: "When a second request races a slow first one.",
  LLM_COALESCE: "Whether identical calls in flight are sent once.",
  LLM_CIRCUIT_COOLDOWN: "How long a route is skipped after it failed, if there is another.",
  PORTKEY_API_KEY: "Key of Portkey. Required for fallbacks, unless the gateway is self-hosted.",
  PORTKEY_GATEWAY_URL: "URL of a self-hosted gateway, with its /v1. It needs no key of Portkey.",
  PORTKEY_MODE:
    "With PREFERRED_LLM_PROVIDER=portkey: who falls back, Orchestra (client) or the gateway (gateway).",
  TRACE_ID: "Trace id of every call.",
  VIRTUAL_KEY: "Portkey's virtual key for fallbacks without one.",
  PORTKEY_FALLBACKS: "Up to 20 models to fall back on, in this order.",
  LLM_ALLOW_PAID_FALLBACK: "Whether a paid model may take over from a free one.",
  LLM_FALLBACK_ON_REFUSAL: "Whether another model may answer what one refused for its content.",
  LLM_STREAM_RESTARTS: "How often a live stream that broke starts again, with an event.",
  LLM_MAX_ANSWER_BYTES: "Maximum size of one answer, streamed or whole.",
  LLM_MAX_EVENT_BYTES:
    "Maximum size of one JSON document: an event of a stream, or an answer that comes whole; and of the texts of a stream together.",
  LLM_MAX_ERROR_BYTES: "How much of the body of an error is read.",
  LLM_MAX_CATALOG_BYTES: "Maximum size of GET /models.",
  LLM_MAX_LOOKUP_BYTES: "Maximum size of GET /key and of GET /generation.",
  LLM_MAX_TOOL_CALLS: "Tool calls that one answer may have.",
  LLM_TOOL_TIMEOUT: "Timeout of one call of an agent's tool.",
  LLM_MAX_TOOL_RESULT:
    "How much of a tool's result the model gets; the rest is cut off, with a note.",
  LOG_LEVEL: "error, warn, info, debug or silent.",
  LOG_PROMPTS: "Whether prompts and answers are kept in records and logged.",
  DATABASE_URL:
    "postgresql://user:password@host:5432/name: the PostgreSQL that all processes share.",
  ORCHESTRA_HOME: "Folder of the embedded database, which one process at a time can use.",
  ORCHESTRA_DATABASE_BACKEND:
    "What answers at the URL: postgres, cockroachdb, yugabytedb or citus.",
  ORCHESTRA_DATABASE_SCHEMA:
    "Schema of the tables; the queue has one beside it, named with _queue at its end.",
  ORCHESTRA_DATABASE_CONNECTIONS:
    "Maximum connections of one process, without the one that listens.",
  ORCHESTRA_RETENTION_DAYS:
    "Days that a run is kept after its end, with its events, journal and checkpoints.",
};
