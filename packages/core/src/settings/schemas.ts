import { z } from "zod";

/** A secret that is sent in a header. */
export const key = z
  .string("must be a string")
  .min(1, "is empty")
  .regex(/^[\x21-\x7e]*$/, "has a space, a line break or a character outside ASCII in it");

/** The root of an API, without a slash at its end: paths are appended to it. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: "is not an http or https URL" })
  .refine((url) => !URL.canParse(url) || isRoot(new URL(url)), {
    error: "must not have a query, a fragment, a user name or a password in it",
  })
  .transform((url) => url.replace(/\/+$/, ""));

export const model = z
  .string("must be a string")
  .regex(/^\S+$/, "is no model id: it must not be empty or hold spaces");

function isRoot({ search, hash, username, password }: URL): boolean {
  return search === "" && hash === "" && username === "" && password === "";
}
