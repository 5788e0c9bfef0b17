import type { IncomingMessage } from "node:http";
import { schemas } from "@orchestra/core/extend";

/** The span that starts a run: the request's. A header that is not valid counts as none, as W3C Trace Context has it. */
export function traceparentOf({ headers }: IncomingMessage): { readonly traceparent?: string } {
  const { data: traceparent } = schemas.traceparent.safeParse(headers["traceparent"]);
  return traceparent === undefined ? {} : { traceparent };
}
