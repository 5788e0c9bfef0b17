import { defaultQuestion } from "./arguments.ts";

/** What `--help` prints. */
export const help = `Usage: npx -y pnpm@12 demo ["question"] [options]

Asks a folder of documents: one agent researches, one validates every quotation against its source,
one writes the answer with numbered sources.

  question        default: "${defaultQuestion}"
  --docs FOLDER   Markdown, text, HTML and PDF files to answer from; default: this project's docs/
  --model ID      model of every role, instead of AGENT_MODEL_MAP and OPENROUTER_DEFAULT_MODEL
  --json          print one JSON object on standard output and nothing else
  --out FILE      write the answer with its sources as Markdown
  --durable       keep the run in a database, kill its process in the middle, and continue it
  --resume RUN    continue a durable run that has not ended
  -h, --help      print this

Environment
  OPENROUTER_API_KEY        key of OpenRouter; without one the built-in sandbox answers
  PREFERRED_LLM_PROVIDER    openrouter, portkey or sandbox
  OPENROUTER_DEFAULT_MODEL  model of every role without one of its own
  AGENT_MODEL_MAP           models of the roles, '{"researcher":"…","executor":"…"}'
  PORTKEY_FALLBACKS         models to fall back on, '[{"provider":"openai","model":"gpt-4o"}]'
  DATABASE_URL              PostgreSQL that keeps durable runs; without one an embedded database
  ORCHESTRA_HOME            folder of the embedded database; default: .orchestra
  LOG_LEVEL                 error, warn, info, debug: logs on standard error; default: none
  NO_COLOR                  no colors
  and every other setting of Orchestra (docs/configuration.md).

Exit codes
  0  answered
  1  failed, as when all retries and fallbacks are used up
  2  wrong usage or settings; nothing was called
  3  rejected: the validator did not approve, or the documents do not say
  130, 143  stopped by Ctrl-C or SIGTERM; 129 by a closed terminal

Examples
  npx -y pnpm@12 demo
  npx -y pnpm@12 demo "How are retries spaced?" --docs ./docs --json
  npx -y pnpm@12 demo --durable                                           kill and continue a run
  LLM_RETRY_DELAY=0.1 npx -y pnpm@12 demo --model sandbox/status-503      retries that all fail
  LLM_RETRY_DELAY=0.1 PORTKEY_FALLBACKS='[{"provider":"openai","model":"gpt-4o"}]' \\
    npx -y pnpm@12 demo --model sandbox/status-503                        a fallback
`;
