/** An answer that is an HTTP error instead of a completion. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly availability?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of OpenRouter's envelope: a string is sent unchanged, anything else as JSON. */
  readonly body?: unknown;
}

/** OpenRouter's envelope around an error. */
export function refusalBody({ status, message, metadata, availability }: Refusal) {
  return {
    error: {
      message,
      code: status,
      ...(metadata !== undefined && { metadata }),
      ...(availability !== undefined && { availability }),
    },
    user_id: "user_sandbox",
  };
}
