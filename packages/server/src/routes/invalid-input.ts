import { z } from "@hono/zod-openapi";
import { issues } from "@orchestra/core/extend";
import { invalidRequest, type ApiError } from "../errors/api-error.ts";

/** The parts of a request that have schemas. */
interface Schemas {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
}

interface Result {
  readonly success: boolean;
  readonly target: "param" | "query" | "header" | "json" | "form" | "cookie";
  readonly data: unknown;
}

/** Creates the function that refuses a request that does not match its schemas, in the words of this project. */
export function refuseInvalid({ params, query, headers, body }: Schemas) {
  const schemas: Readonly<Record<string, z.ZodType | undefined>> = {
    param: params,
    query,
    header: headers,
    json: body,
  };
  return ({ success, target, data }: Result): void => {
    if (success) return;
    throw invalidInput(schemas[target] ?? z.never(), data, places[target]);
  };
}

const places: Readonly<Record<string, string>> = {
  param: "The path",
  query: "The query",
  header: "The headers",
  json: "The body",
};

/** The error for data that does not match a schema: each wrong field, and why it is wrong. */
export function invalidInput(schema: z.ZodType, data: unknown, place = "The request"): ApiError {
  const { error } = schema.safeParse(data, { error: issues.explainIssue });
  const problems = issues.innermost(error?.issues ?? []).map(({ path, message }) => ({
    param: path.length === 0 ? undefined : shownPath(path),
    message,
  }));
  const [first, ...others] = problems.map(({ param = place, message }) => `${param} ${message}`);
  const text = [first ?? `${place} is not valid`, ...others.slice(0, maxListed - 1)].join(". ");
  return invalidRequest(`${text}.`, { param: problems[0]?.param });
}

/** In JavaScript's notation, such as `input[0].role`. */
function shownPath(path: readonly PropertyKey[]): string {
  const parts = path.map((part) =>
    typeof part === "number" ? `[${part}]` : `.${issues.shownName(String(part))}`,
  );
  return parts.join("").replace(/^\./, "");
}

/** A body with a thousand wrong fields gets a short answer. */
const maxListed = 10;
