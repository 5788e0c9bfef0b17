import { sentences } from "@orchestra/core/extend";

export type FailureReason =
  | "name-not-found"
  | "connection-refused"
  | "connection-broken"
  | "tls"
  | "timeout"
  | "redirect"
  | "not-json"
  | "other";

/** Why a request got no usable answer. */
export interface RequestFailure {
  readonly reason: FailureReason;
  readonly message: string;
}

/**
 * Describes what a request threw. The reason is that of the error or of the first of its causes that has one.
 * The message is that of the innermost cause, without a full stop.
 */
export function describeFailure(error: unknown): RequestFailure {
  const chain = causesOf(error);
  const message = sentences.withoutStop(
    chain.map(messageOf).findLast((text) => text !== "") ?? String(error),
  );
  for (const each of chain) {
    const reason = reasonOf(each);
    if (reason) return { reason, message };
  }
  return { reason: "other", message };
}

/** The error and its causes, outermost first, at most 10. */
function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let next = error; next !== undefined && chain.length < 10; next = causeOf(next)) {
    chain.push(next);
  }
  return chain;
}

/** If a host has several addresses, Node.js throws their errors as one `AggregateError`. */
function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  return error instanceof Error ? error.cause : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

function reasonOf(error: unknown): FailureReason | undefined {
  if (error instanceof SyntaxError) return "not-json";
  const { name, code = "", message = "" } = error as Partial<Error> & { readonly code?: unknown };
  const text = String(code);
  if (text === "ENOTFOUND" || text === "EAI_AGAIN") return "name-not-found";
  if (text === "ECONNREFUSED") return "connection-refused";
  if (/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_.*)$/.test(text)) return "connection-broken";
  if (name === "TimeoutError" || /^(ETIMEDOUT|UND_ERR_.*TIMEOUT)$/.test(text)) return "timeout";
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(text)) return "tls";
  return message.includes("redirect") ? "redirect" : undefined;
}
