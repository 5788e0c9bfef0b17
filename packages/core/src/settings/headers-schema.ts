import { z } from "zod";

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;

/** Headers that belong to the connection or to the body, which the HTTP client sets itself. */
const reserved =
  /^(host|content-length|content-type|accept-encoding|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/i;

/** The problem of a request header; `undefined` for a valid one. Omits its value, which may be a secret. */
export function headerProblem(name: string, value: string): string | undefined {
  if (!headerName.test(name)) return "is not a valid header name";
  if (reserved.test(name)) return "cannot be set: the HTTP client sets it";
  return headerValue.test(value) ? undefined : "has a character outside printable ASCII";
}

/** Headers that are added to every request. */
export const headersSchema: z.ZodType<Readonly<Record<string, string>>> = z.lazy(() =>
  z
    .record(
      z.string(),
      z.string("must be a string"),
      "must be a JSON object of header names and values",
    )
    .superRefine((record, context) => {
      for (const [name, value] of Object.entries(record)) {
        const message = headerProblem(name, value);
        if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
      }
    }),
);
