import type { ErrorBody } from "./error-body.ts";
import type { ErrorKind } from "./error-kinds.ts";

/** Messages of servers for a key that they do not accept. */
const keyRefused =
  /invalid[ _-](api|access|auth|authentication|bearer|subscription)?[ _-]?(key|token|credentials?)|incorrect api key|(api|access|subscription)[ _-]?key.{0,20}(not valid|invalid|missing|expired|required|not found|disabled|incorrect|wrong|revoked)|(missing|no|without)( an?| your)? (api[ _-]?key|authori[sz]ation|authentication|credentials)|token.{0,12}(expired|invalid|revoked)/i;

const kinds: readonly (readonly [ErrorKind, RegExp])[] = [
  ["authentication_error", keyRefused],
  [
    "authentication_error",
    /\bunauthori[sz]ed|unauthenticated|not (authenticated|authori[sz]ed|logged in)|authentication (failed|required|error)|log ?in required/i,
  ],
  [
    "insufficient_credits_error",
    /insufficient[ _](account )?(balance|credits?|quota|funds?)|(out of|no|not enough) (credits?|balance|funds)|(balance|credits?).{0,12}(too low|exhausted|not enough|insufficient|used up)|payment required|account.{0,20}(arrears|overdue)|exceeded your current quota/i,
  ],
  [
    "rate_limit_error",
    /rate[ _-]?limit|too many requests|throttl|(requests|tokens) per (second|minute)|quota.{0,12}exceeded|slow down|(concurren(t|cy)|requests).{0,40}(limit|exceed)/i,
  ],
  ["timeout_error", /\btime(d|s)?[ -]?out\b/i],
  [
    "service_error",
    /overloaded|unavailable|internal (server )?error|bad gateway|try again|temporar|at capacity|\bbusy\b|maintenance/i,
  ],
  ["permission_error", /forbidden|(permission|access)( is| was)? denied|no permission/i],
  [
    "invalid_request_error",
    /(invalid|illegal) (request|parameter|argument)|bad request|validation (error|failed)|missing (required )?(field|parameter|argument)/i,
  ],
];

/** Maximum characters of an error that are searched. */
const maxLength = 2000;

/** Kind of an error that has neither a status nor a type, by its text; `undefined` if the text is not sufficient. */
export function byWords(body: ErrorBody | undefined): ErrorKind | undefined {
  const { code, errorType, message } = body ?? {};
  const texts = [typeof code === "string" ? code : "", errorType ?? "", message ?? ""];
  const text = texts.join(" ").slice(0, maxLength);
  return kinds.find(([, words]) => words.test(text))?.[0];
}

/** Google reports a wrong key as a wrong argument. */
export function isKeyRefused({ message = "" }: ErrorBody): boolean {
  return keyRefused.test(message.slice(0, maxLength));
}
