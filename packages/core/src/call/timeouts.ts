/** Time limits of a call and of its parts, in milliseconds. */
export interface Timeouts {
  /** The whole attempt. @defaultValue `30_000`, from `LLM_REQUEST_TIMEOUT` */
  readonly attemptMs: number;
  /** Until an attempt's first token. @defaultValue no limit, from `LLM_FIRST_TOKEN_TIMEOUT` */
  readonly firstTokenMs?: number | undefined;
  /**
   * Between two pieces of an answer; keep-alive comments do not count.
   *
   * @defaultValue `20_000`, from `LLM_STALL_TIMEOUT`
   */
  readonly stallMs?: number | undefined;
  /**
   * Maximum time for which a stream is not read. It is then closed, because it holds a connection, a
   * slot among the requests in flight, and the reservations of its budgets.
   *
   * @defaultValue `300_000`, from `LLM_READER_TIMEOUT`
   */
  readonly readerMs?: number | undefined;
  /** The call, with all its retries, fallbacks and waits. @defaultValue no limit, from `LLM_CALL_TIMEOUT` */
  readonly callMs?: number | undefined;
}

/** The limits of a call, and where they are set. */
export interface NamedTimeouts extends Timeouts {
  /** For limits that a role, a model or a call sets itself: their names there. */
  readonly names?: Readonly<Partial<Record<keyof Timeouts, string>>>;
}

const variables: Readonly<Record<keyof Timeouts, string>> = {
  attemptMs: "LLM_REQUEST_TIMEOUT",
  firstTokenMs: "LLM_FIRST_TOKEN_TIMEOUT",
  stallMs: "LLM_STALL_TIMEOUT",
  readerMs: "LLM_READER_TIMEOUT",
  callMs: "LLM_CALL_TIMEOUT",
};

/** The setting that a user has to change to change a limit. */
export function nameOf(timeout: keyof Timeouts, names: NamedTimeouts["names"]): string {
  return names?.[timeout] ?? variables[timeout];
}
