import { describe, expect, test } from "vitest";
import { DatabaseError } from "./database-error.ts";
import { DatabaseTimeoutError, isOutage, outageOf, ReadOnlyServerError } from "./outage.ts";

const failed = (code: string, message = "", more: object = {}) =>
  Object.assign(new Error(message), { code, ...more });
const words = (text: string) => text.trim().split(/\s+/);
const caused = (cause: unknown) => new Error("while something was written", { cause });

const statementTimeout = "canceling statement due to statement timeout";

describe("an outage", () => {
  test.each(
    words(`
      08000 08001 08003 08004 08006 08007 08P01 57P01 57P02 57P03 57P04 57P05 25P03 25P04
      ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH
      ENETDOWN ENETRESET ENOTCONN ENOTFOUND EAI_AGAIN EAI_FAIL EADDRNOTAVAIL EMFILE ENOBUFS
      EPROTO ERR_TLS_HANDSHAKE_TIMEOUT ERR_SSL_UNEXPECTED_EOF_WHILE_READING
      ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR
      ERR_STREAM_DESTROYED ERR_STREAM_WRITE_AFTER_END ERR_SOCKET_CLOSED
    `),
  )("is a lost connection: %s", (code) => {
    expect(outageOf(failed(code, "anything"))).toBe("lost");
  });

  test.each([
    "Connection terminated",
    "Connection terminated unexpectedly",
    "Connection terminated due to connection timeout",
    "timeout expired",
    "timeout exceeded when trying to connect",
    "Query read timeout",
    "Client has encountered a connection error and is not queryable",
    "Client was closed and is not queryable",
    "There was an error establishing an SSL connection",
    "Received unexpected rowDescription message from backend.",
  ])("is an error of node-postgres without a code: %s", (message) => {
    expect(outageOf(new Error(message))).toBe("lost");
  });

  test("is a socket file that is not there, and no other file", () => {
    expect(outageOf(failed("ENOENT", "connect ENOENT", { syscall: "connect" }))).toBe("lost");
    expect(isOutage(failed("ENOENT", "open ENOENT", { syscall: "open" }))).toBe(false);
  });

  test("is a server that does not accept writes", () => {
    expect(outageOf(failed("25006", "cannot execute INSERT"))).toBe("read-only");
    expect(outageOf(new ReadOnlyServerError())).toBe("read-only");
  });

  test.each(
    words(`
      53000 53100 53200 53300 53400 58000 58030 55P03 40000 40001 40003 40P01
    `),
  )("is a server that cannot do it now: %s", (code) => {
    expect(outageOf(failed(code, "anything"))).toBe("busy");
  });

  test.each(words("28000 28P01 3D000"))("is a server that refuses the login: %s", (code) => {
    expect(outageOf(failed(code, "anything"))).toBe("refused");
    expect(new DatabaseError("no", { cause: failed(code) }).isRetryable).toBe(false);
  });

  test.each([statementTimeout, "breche Anweisung ab wegen Zeitüberschreitung der Anweisung"])(
    "is a statement that took too long: %s",
    (message) => {
      expect(outageOf(failed("57014", message))).toBe("busy");
      expect(outageOf(new DatabaseTimeoutError(message))).toBe("busy");
    },
  );

  test("may be one of several errors, or the cause of another", () => {
    const refused = failed("ECONNREFUSED");
    expect(outageOf(new AggregateError([failed("28P01"), refused]))).toBe("lost");
    expect(outageOf(caused(caused(failed("25006"))))).toBe("read-only");
    expect(outageOf(failed("ERR_OF_A_LIBRARY", "", { cause: refused }))).toBe("lost");
  });
});

describe("an answer that says no is none", () => {
  test.each(
    words(`
      22001 22003 22P02 22P05 23502 23503 23505 23514 42501 42601 42703 42883 42P01 42P07
      54000 XX000 XX001 3F000 25P02 26000 40002 0A000 P0001 EACCES
      CERT_HAS_EXPIRED SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT
      ERR_TLS_CERT_ALTNAME_INVALID ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN
      ERR_SSL_TLSV1_ALERT_UNKNOWN_CA ERR_SSL_UNSUPPORTED_PROTOCOL ERR_INVALID_ARG_TYPE
    `),
  )("%s", (code) => {
    expect(isOutage(failed(code, "anything"))).toBe(false);
    expect(isOutage(caused(failed(code, "anything")))).toBe(false);
  });

  test.each([
    new Error("Cannot use a pool after calling end on the pool"),
    new Error("The server does not support SSL connections"),
    new Error("the tool said: Connection terminated"),
    failed("57014", "canceling statement due to user request"),
    // What it was caused by is another matter: the server has spoken.
    failed("23505", "duplicate key", { cause: failed("ECONNRESET") }),
    new AggregateError([failed("42501"), failed("42P01")]),
    "ECONNREFUSED",
    undefined,
    null,
    {},
  ])("%s", (error) => {
    expect(isOutage(error)).toBe(false);
  });

  test("also where an error is its own cause", () => {
    const error = new Error("round and round");
    error.cause = error;
    expect(isOutage(error)).toBe(false);
  });
});
