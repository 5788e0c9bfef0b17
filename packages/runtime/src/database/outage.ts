/**
 * The state of the connection that noticed an outage.
 * - `lost`: it is broken, or it could not be made.
 * - `read-only`: it leads to a server that does not accept writes, such as the former primary after a failover.
 * - `busy`: it works, but the server could not execute the statement now.
 * - `refused`: the server refuses the login, or has no such database, until a person changes that.
 */
export type Outage = "lost" | "read-only" | "busy" | "refused";

/** A time limit of ours has passed; the work may still be done later. */
export class DatabaseTimeoutError extends Error {
  override readonly name = "DatabaseTimeoutError";
}

/** The server does not accept writes: it is a standby, or its sessions are read-only. */
export class ReadOnlyServerError extends Error {
  override readonly name = "ReadOnlyServerError";
  /** PostgreSQL's own code for a refused write. */
  readonly code = "25006";

  constructor() {
    super("the server is read-only");
  }
}

/**
 * The outage that an error reports, if it reports one. All other errors are answers: the same statement
 * would be refused again.
 */
export function outageOf(error: unknown): Outage | undefined {
  return findOutage(error, maxDepth);
}

/** Whether an error means that the database is not available, and not that it refuses the statement. */
export function isOutage(error: unknown): boolean {
  return outageOf(error) !== undefined;
}

/** Whether a connection did not answer in time, although it is open. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

/** PostgreSQL's own code of an error, or of its first cause that has one. */
export function sqlStateOf(error: unknown): string | undefined {
  let each = error;
  for (let depth = 0; depth < maxDepth && typeof each === "object" && each !== null; depth += 1) {
    const { code, cause } = each as Partial<NodeJS.ErrnoException>;
    if (typeof code === "string" && isSqlState(code)) return code;
    each = cause;
  }
  return undefined;
}

/** Maximum causes of causes; an error may be its own cause. */
const maxDepth = 8;

function findOutage(error: unknown, depth: number): Outage | undefined {
  if (depth === 0) return undefined;
  if (typeof error !== "object" || error === null) return undefined;
  if (error instanceof DatabaseTimeoutError) return "busy";
  const { code, message, cause } = error as Partial<NodeJS.ErrnoException>;
  if (typeof code === "string") {
    const outage = isSqlState(code) ? outageOfState(code, message) : outageOfSystem(code, error);
    if (outage || isSqlState(code)) return outage;
  }
  if (driverErrors.test(String(message))) return "lost";
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [cause];
  const outages = causes.map((each) => findOutage(each, depth - 1)).filter(Boolean);
  // Of several servers, one may become available by itself.
  return outages.find((outage) => outage !== "refused") ?? outages[0];
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}

/** By SQLSTATE, as in https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const states: readonly (readonly [RegExp, Outage])[] = [
  // Connection exceptions, also those of poolers; the server shuts down, has crashed, or starts.
  [/^(08...|57P..)$/, "lost"],
  // The server has ended a session whose transaction was idle or took too long.
  [/^25P0[34]$/, "lost"],
  [/^25006$/, "read-only"],
  // The role, its password, or the database was changed or removed while processes are connected.
  [/^(28000|28P01|3D000)$/, "refused"],
  // Insufficient resources (disk, memory, connections), and I/O errors.
  [/^(53...|58000|58030)$/, "busy"],
  // Lock timeout, statement timeout.
  [/^(55P03|57014)$/, "busy"],
  // Serialization failure, deadlock: a transaction reports them after it was repeated many times.
  [/^(40000|40001|40003|40P01)$/, "busy"],
];

function outageOfState(code: string, message: unknown): Outage | undefined {
  // A person cancelled it. Messages are translated, so a timeout must be the default.
  if (code === "57014" && /due to user request/.test(String(message))) return undefined;
  return states.find(([pattern]) => pattern.test(code))?.[1];
}

/** Errors of sockets, DNS and TLS. A certificate that is refused is an answer. */
const systemErrors =
  /^(ECONN(REFUSED|RESET|ABORTED)|E(HOST|NET)(UNREACH|DOWN)|ENETRESET|ENOTCONN|ESHUTDOWN|EPIPE|EPROTO|ETIMEDOUT|EADDRNOTAVAIL|ENOTFOUND|EAI_[A-Z]+|EMFILE|ENFILE|ENOBUFS|ERR_STREAM_(DESTROYED|PREMATURE_CLOSE|WRITE_AFTER_END)|ERR_SOCKET_CLOSED(_BEFORE_CONNECTION)?|ERR_SOCKET_CONNECTION_TIMEOUT|ERR_TLS_HANDSHAKE_TIMEOUT)$/;
const tlsAnswers = /CERT|UNKNOWN_CA|VERSION|CIPHER|PROTOCOL|HANDSHAKE_FAILURE/;

function outageOfSystem(code: string, error: object): Outage | undefined {
  if (systemErrors.test(code)) return "lost";
  if (code.startsWith("ERR_SSL_") && !tlsAnswers.test(code)) return "lost";
  // The socket file of a server that does not run.
  const { syscall } = error as NodeJS.ErrnoException;
  return code === "ENOENT" && syscall === "connect" ? "lost" : undefined;
}

/** Errors of node-postgres, which have no code. */
const driverErrors =
  /^(Connection terminated|timeout expired$|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed and is not queryable|There was an error establishing an SSL connection|Received unexpected \w+ message from backend)/;
