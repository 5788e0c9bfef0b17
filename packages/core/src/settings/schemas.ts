import { z } from "zod";

/** A secret that is sent in a header. */
export const key = z.lazy(() =>
  z
    .string("must be a string")
    .min(1, "is empty")
    .regex(/^[\x21-\x7e]*$/, "has a space, a line break or a character outside ASCII in it"),
);

/** Paths of single endpoints, which are appended to a base URL. */
const endpoint = /\/(chat\/completions|completions|responses|models|embeddings|rerank)\/*$/;

/** The root of an API, without a slash at its end: paths are appended to it. */
export const httpUrl = z.lazy(() =>
  z
    .url({ protocol: /^https?$/, error: "is not an http or https URL" })
    .superRefine((url, context) => {
      if (!URL.canParse(url)) return;
      if (!isRoot(new URL(url))) {
        context.addIssue({
          code: "custom",
          message: "must not have a query, a fragment, a user name or a password in it",
        });
      } else if (endpoint.test(url)) {
        const path = endpoint.exec(url)?.[0] ?? "";
        context.addIssue({
          code: "custom",
          message: `ends in ${path}, which is a path below the base URL: use ${url.replace(endpoint, "")}`,
        });
      }
    })
    // Base URLs are sent in headers too, in which a name such as müller.example is written in ASCII.
    .transform((url) => (/^[\x21-\x7e]*$/.test(url) ? url : new URL(url).href).replace(/\/+$/, "")),
);

export const model = z.lazy(() =>
  z
    .string("must be a string")
    .regex(/^\S+$/, "is not a model id: it must not be empty or have spaces in it"),
);

function isRoot({ search, hash, username, password }: URL): boolean {
  return search === "" && hash === "" && username === "" && password === "";
}
