import { z } from "zod";

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;

/** Headers that belong to the connection or to the body, which the HTTP client sets itself. */
const reserved =
  /^(host|content-length|content-type|accept-encoding|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/i;

/** Headers that are added to every request. */
export const headersSchema: z.ZodType<Readonly<Record<string, string>>> = z
  .record(
    z.string(),
    z.string("must be a string"),
    "must be a JSON object of header names and values",
  )
  .superRefine((record, context) => {
    const report = (name: string, message: string) =>
      context.addIssue({ code: "custom", path: [name], message });
    for (const [name, value] of Object.entries(record)) {
      if (!headerName.test(name)) report(name, "is not a valid header name");
      else if (reserved.test(name)) report(name, "cannot be set: the HTTP client sets it");
      else if (!headerValue.test(value)) report(name, "has a character outside printable ASCII");
    }
  });
