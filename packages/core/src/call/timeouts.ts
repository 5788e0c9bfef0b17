/** How long a call may take, in each of its parts; all in milliseconds. */
export interface Timeouts {
  /** One attempt, as a whole. @defaultValue `30_000`, from `LLM_REQUEST_TIMEOUT` */
  readonly attemptMs: number;
  /** Until an attempt's first token. @defaultValue no limit of its own, from `LLM_FIRST_TOKEN_TIMEOUT` */
  readonly firstTokenMs?: number | undefined;
  /**
   * Between two pieces of an answer; comments that only keep the connection do not count.
   *
   * @defaultValue `20_000`, from `LLM_STALL_TIMEOUT`
   */
  readonly stallMs?: number | undefined;
  /**
   * In which the reader of a stream does not read: the stream is then closed, for it holds a connection, a
   * place among the requests in flight, and what its budgets have set aside.
   *
   * @defaultValue `300_000`, from `LLM_READER_TIMEOUT`
   */
  readonly readerMs?: number | undefined;
  /** The call, with all its retries, fallbacks and waits. @defaultValue no limit, from `LLM_CALL_TIMEOUT` */
  readonly callMs?: number | undefined;
}

/** The limits of a call, with what sets them. */
export interface NamedTimeouts extends Timeouts {
  /** Of limits that a role, a model or a call sets itself: what they are called there. */
  readonly names?: Readonly<Partial<Record<keyof Timeouts, string>>>;
}

const variables: Readonly<Record<keyof Timeouts, string>> = {
  attemptMs: "LLM_REQUEST_TIMEOUT",
  firstTokenMs: "LLM_FIRST_TOKEN_TIMEOUT",
  stallMs: "LLM_STALL_TIMEOUT",
  readerMs: "LLM_READER_TIMEOUT",
  callMs: "LLM_CALL_TIMEOUT",
};

/** What a user has to change to change a limit. */
export function nameOf(timeout: keyof Timeouts, names: NamedTimeouts["names"]): string {
  return names?.[timeout] ?? variables[timeout];
}
