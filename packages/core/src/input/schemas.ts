import { z } from "zod";
import { expected } from "../errors/explain-issue.ts";

/*
 * Parts of the schemas by which public functions check their arguments.
 */

/** Ids cannot contain control characters, such as NUL, and half surrogates: databases and headers refuse them. */
export const noControls = /^[^\p{Cc}\p{Cs}]*$/u;

const maxIdLength = 256;

/** A text for records and database keys. */
export const id = z.lazy(() =>
  z
    .string()
    .min(1, "is empty: expected an id")
    .max(maxIdLength, `is longer than ${maxIdLength} characters`)
    .regex(noControls, "has a control character in it"),
);

export const ids = z.lazy(() => z.array(id));

/** A text of any form. Texts in PostgreSQL cannot contain a NUL character or half of a surrogate pair. */
export const storableText = (maxLength: number) =>
  z
    .string()
    .max(maxLength, `is longer than ${maxLength.toLocaleString("en")} characters`)
    .regex(/^[^\0\p{Cs}]*$/u, "has a NUL character or half of a surrogate pair in it");

/** Why a person does something. */
export const reason = z.lazy(() => storableText(10_000));

/** A position in a run; `""` outside of steps. */
export const step = z.lazy(() =>
  z
    .string()
    .max(1024, "is longer than 1024 characters")
    .regex(noControls, "has a control character in it"),
);

/** A path of the file system. */
export const path = z.lazy(() =>
  z
    .string()
    .min(1, "is empty: expected a path")
    .regex(/^[^\0]*$/, "has a NUL character in it"),
);

/** An id that is sent in a header. */
export const traceId = z.lazy(() =>
  z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, "must be 1 to 128 characters of printable ASCII without spaces"),
);

/** A span of W3C Trace Context, as a header has it. */
export const traceparent = z.lazy(() =>
  z
    .string()
    .regex(
      /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/,
      "is not a traceparent (W3C Trace Context)",
    ),
);

/** The first and the last day that every database, and JSON with four digits of a year, can express. */
export const instant = z.lazy(() =>
  z
    .date("is not a valid Date")
    .min(Date.UTC(1970), "must be 1970 or later")
    .max(Date.UTC(10_000) - 1, "must be before the year 10000"),
);

export const signal: z.ZodType<AbortSignal, AbortSignal> = z.instanceof(AbortSignal, {
  error: expected("an AbortSignal, such as new AbortController().signal"),
});

export const callback = z.custom<(...args: never) => unknown>(
  (value) => typeof value === "function",
  { error: expected("a function") },
);

export const object = z.custom<object>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Promise),
  { error: expected("an object") },
);

/** An object of any class with these methods. */
export function withMethods(what: string, ...methods: readonly string[]): z.ZodType {
  return z.custom(
    (value) =>
      ((typeof value === "object" && value !== null) || typeof value === "function") &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function"),
    { error: expected(`${what}, with the ${list("method", methods)}`) },
  );
}

function list(noun: string, names: readonly string[]): string {
  return names.length === 1 ? `${noun} ${names[0]}` : `${noun}s ${names.join(", ")}`;
}

export const runnable = withMethods("an agent or another runnable", "invoke");
export const clock = withMethods("a clock such as systemClock", "now", "sleep", "after");

const aTool = "a tool, as tool() of @langchain/core/tools makes it";

/** LangChain's tools, which have a name and can be invoked. */
export const tools = z.lazy(() =>
  z.array(
    withMethods(aTool, "invoke")
      .refine(
        (tool) => typeof (tool as { readonly name?: unknown }).name === "string",
        `has no name: expected ${aTool}`,
      )
      // LangChain takes another object for a tool of the provider's, and does not call it.
      .refine(
        (tool) => Boolean((tool as { readonly lc_runnable?: unknown }).lc_runnable),
        `is not a runnable of LangChain: expected ${aTool}`,
      ),
  ),
);

/** A zod schema, of zod 3 or 4. */
export const zodSchema = withMethods("a zod schema", "safeParse", "safeParseAsync");

/** A schema of zod 3 or 4, zod/mini, or another library that implements Standard Schema. */
export const anySchema = z.custom<object>(isSchema, {
  error: (issue) => (hasSchemas(issue.input) ? needsWrapping : expectedSchema(issue)),
});

/** Whether a value has schemas in its fields: most likely the fields of one, without `z.object()`. */
export function hasSchemas(value: unknown): boolean {
  return !isSchema(value) && Object.values(value ?? {}).some(isSchema);
}

export const needsWrapping = "is an object with schemas in its fields: wrap it in z.object({ … })";

const expectedSchema = expected(
  "a zod schema such as z.object({ … }), or another Standard Schema such as valibot's or arktype's",
);

function isSchema(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = (value as Record<string, unknown>)["~standard"];
  const { validate } = (standard ?? {}) as Record<string, unknown>;
  return typeof validate === "function" || zodSchema.safeParse(value).success;
}

/** Milliseconds that a timer can wait. */
export const durationMs = z.lazy(() =>
  z
    .number()
    .positive("must be greater than 0")
    .max(2 ** 31 - 1, "is longer than a timer can wait (24 days)"),
);

export const wholeFrom = (min: number) =>
  z
    .number()
    .refine((value) => value === Infinity || Number.isSafeInteger(value), "must be a whole number")
    .min(min, `must be ${min} or more`);

export const count = z.lazy(() => z.int().min(0, "must be 0 or more"));
export const positiveCount = z.lazy(() => z.int().min(1, "must be 1 or more"));
