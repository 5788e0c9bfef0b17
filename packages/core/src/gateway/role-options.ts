import type { Timeouts } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";

/** Options of a role's calls that are Orchestra's own. */
export interface RoleOptions {
  /** @defaultValue `AGENT_MODEL_MAP`, or else `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
  /** Request fields of the role, by their names on the wire. */
  readonly request?: RequestFields | undefined;
  /** Time limits of the role, in milliseconds. @defaultValue those of the settings */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Priority in the rate limiter; higher goes first. @defaultValue `0` */
  readonly priority?: number | undefined;
}

/** Options of `ChatOpenAI` that decide where a role's requests go, how often they are sent, and their timeout. */
export interface ClientOptions {
  readonly maxRetries?: number | undefined;
  /** In milliseconds. */
  readonly timeout?: number | undefined;
  readonly apiKey?: unknown;
  readonly openAIApiKey?: unknown;
  readonly configuration?:
    | {
        readonly baseURL?: string | null | undefined;
        readonly defaultHeaders?: unknown;
        readonly defaultQuery?: unknown;
        readonly fetch?: unknown;
      }
    | undefined;
}
