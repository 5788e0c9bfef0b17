import { z } from "zod";
import { ArgumentError } from "../../errors/argument-error.ts";
import { describeIssues, parseWith } from "../../errors/describe-issue.ts";
import { warnOnce } from "../../input/check-input.ts";
import { noControls } from "../../input/schemas.ts";
import { fieldWarnings } from "./field-warnings.ts";
import { providerRoutingSchema, type ProviderRouting } from "./provider-routing.ts";

export { providerRoutingSchema, type ProviderRouting } from "./provider-routing.ts";

type Nullable<T> = T | null | undefined;

/**
 * Fields of a request to OpenRouter's `/chat/completions` that a role or the settings may set, by
 * their names in its API. Unknown fields are sent unchanged.
 *
 * @see https://openrouter.ai/docs/api-reference/chat-completion
 */
export interface RequestFields {
  /** Provider routing of the request; replaces `OPENROUTER_PROVIDER` field by field. */
  readonly provider?: Nullable<ProviderRouting>;
  /** Models that OpenRouter tries in this order if the first fails. */
  readonly models?: readonly string[] | undefined;
  /** OpenRouter's plugins, such as `{ id: "web" }`. */
  readonly plugins?:
    | readonly { readonly id: string; readonly [option: string]: unknown }[]
    | undefined;
  readonly reasoning?: Nullable<{
    /** `max`, `xhigh`, `high`, `medium`, `low`, `minimal` or `none`. */
    readonly effort?: Nullable<string>;
    readonly summary?: Nullable<string>;
    readonly [option: string]: unknown;
  }>;
  /** Short form of `reasoning.effort`. */
  readonly reasoning_effort?: Nullable<string>;
  /** Keeps the requests of a session at one provider, for its prompt cache. 256 characters at most. */
  readonly session_id?: string | undefined;
  /** Stable id of your end user. 128 characters at most. */
  readonly user?: string | undefined;
  /** Data that OpenRouter's Broadcast shows for the request. */
  readonly trace?: { readonly [field: string]: unknown } | undefined;
  readonly cache_control?:
    | { readonly type: "ephemeral"; readonly ttl?: string | undefined }
    | undefined;
  /** 16 pairs at most, of 64 and 512 characters. */
  readonly metadata?: { readonly [name: string]: string } | undefined;
  /** `auto`, `default`, `flex`, `priority`, … */
  readonly service_tier?: Nullable<string>;
  /** 0 to 2. */
  readonly temperature?: Nullable<number>;
  /** 0 to 1. */
  readonly top_p?: Nullable<number>;
  readonly top_k?: Nullable<number>;
  readonly min_p?: Nullable<number>;
  readonly max_tokens?: Nullable<number>;
  readonly max_completion_tokens?: Nullable<number>;
  readonly stop?: Nullable<string | readonly string[]>;
  readonly seed?: Nullable<number>;
  /** -2 to 2. */
  readonly frequency_penalty?: Nullable<number>;
  /** -2 to 2. */
  readonly presence_penalty?: Nullable<number>;
  readonly repetition_penalty?: Nullable<number>;
  readonly logprobs?: Nullable<boolean>;
  /** 0 to 20. */
  readonly top_logprobs?: Nullable<number>;
  readonly logit_bias?: Nullable<{ readonly [token: string]: number }>;
  /** Number of answers. Orchestra reads the first. */
  readonly n?: Nullable<number>;
  readonly verbosity?: Nullable<string>;
  readonly prompt_cache_key?: Nullable<string>;
  readonly parallel_tool_calls?: Nullable<boolean>;
  readonly transforms?: readonly string[] | undefined;
  readonly [field: string]: unknown;
}

/** Fields that Orchestra sets itself, and how a caller sets their content. */
const reservedFields: Readonly<Record<string, string>> = {
  model: "set the model with AGENT_MODEL_MAP or the role's model",
  messages: "pass the messages to the call",
  stream: "call stream() or invoke()",
  stream_options: "Orchestra sets it to read the usage",
  tools: "give the tools to the role",
  tool_choice: "give the tools to the role",
  response_format: "give the role an output schema",
};

/** Names of the fields that Orchestra sets itself. */
export const reservedNames: ReadonlySet<string> = new Set(Object.keys(reservedFields));

const whole = (min: number) =>
  z
    .number("must be a number")
    .multipleOf(1, "must be a whole number")
    .min(min, `must be ${min} or more`);
const between = (min: number, max: number) =>
  z
    .number("must be a number")
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`)
    .nullish();

/** The schemas of the fields that OpenRouter documents. */
export function documentedFields() {
  const string = z.string("must be a string");
  const boolean = z.boolean("must be true or false").nullish();
  const strings = z.array(string.min(1, "is empty"), "must be an array of strings");
  const upTo = (length: number) => string.max(length, `is longer than ${length} characters`);
  const idUpTo = (length: number) =>
    upTo(length).min(1, "is empty").regex(noControls, "has a control character in it");

  return {
    provider: providerRoutingSchema.nullish(),
    models: strings.optional(),
    plugins: z
      .array(
        z.looseObject({ id: z.string("must be a string") }, "must be an object with an id"),
        "must be an array of objects",
      )
      .optional(),
    reasoning: z
      .looseObject({ effort: string.nullish(), summary: string.nullish() }, "must be an object")
      .nullish(),
    reasoning_effort: string.nullish(),
    session_id: idUpTo(256).optional(),
    user: idUpTo(128).optional(),
    trace: z.record(z.string(), z.unknown(), "must be an object").optional(),
    cache_control: z
      .looseObject(
        { type: z.literal("ephemeral", "must be ephemeral"), ttl: string.optional() },
        "must be an object",
      )
      .optional(),
    metadata: z
      .record(
        z.string().max(64, "has a name longer than 64 characters"),
        upTo(512),
        "must be an object of strings",
      )
      .refine((pairs) => Object.keys(pairs).length <= 16, "has more than 16 pairs")
      .optional(),
    service_tier: string.nullish(),
    temperature: between(0, 2),
    top_p: between(0, 1),
    top_k: whole(0).nullish(),
    min_p: between(0, 1),
    max_tokens: whole(1).nullish(),
    max_completion_tokens: whole(1).nullish(),
    stop: z.union([z.string(), strings], "must be a string or an array of strings").nullish(),
    seed: whole(Number.MIN_SAFE_INTEGER).nullish(),
    frequency_penalty: between(-2, 2),
    presence_penalty: between(-2, 2),
    repetition_penalty: between(0, 2),
    logprobs: boolean,
    top_logprobs: whole(0).max(20, "must be 20 or less").nullish(),
    logit_bias: z
      .record(z.string(), z.number("must be a number"), "must be an object of tokens and numbers")
      .nullish(),
    n: whole(1).nullish(),
    verbosity: string.nullish(),
    prompt_cache_key: string.nullish(),
    parallel_tool_calls: boolean,
    transforms: strings.optional(),
  };
}

/** Checks the documented fields, and refuses those that Orchestra sets itself. Other fields pass. */
export const requestFieldsSchema: z.ZodType<RequestFields> = z.lazy(() =>
  z
    .looseObject(documentedFields(), "must be a JSON object of request fields")
    .superRefine((fields: RequestFields, context) => {
      for (const [name, advice] of Object.entries(reservedFields)) {
        if (fields[name] === undefined) continue;
        context.addIssue({
          code: "custom",
          path: [name],
          message: `cannot be set as a request field: ${advice}`,
        });
      }
    }),
);

/**
 * Checks the request fields that a role or a caller sets in code.
 *
 * @param where - Where they were set, for the error, such as `role "writer"`.
 * @throws {ArgumentError} with every problem at once
 */
export function parseRequestFields(value: unknown, where: string): RequestFields {
  const parsed = parseWith(requestFieldsSchema, value);
  if (parsed.success) {
    for (const warning of fieldWarnings(value, "request")) warnOnce(`${where}: ${warning}`);
    return parsed.data;
  }
  throw new ArgumentError(
    `The request fields are not valid (${where}): ${describeIssues(parsed.error)}. ` +
      "Use the names and types of https://openrouter.ai/docs/api-reference/chat-completion.",
  );
}
