import { RandomIdGenerator } from "@opentelemetry/sdk-trace-base";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Puts spans without a parent into the trace of their run: its id, without dashes. So a run has one trace, even
 * if several processes execute it one after the other.
 */
export class RunTraceIds extends RandomIdGenerator {
  #ofRun: string | undefined;

  constructor() {
    super();
    const { generateTraceId } = this;
    this.generateTraceId = () => this.#ofRun ?? generateTraceId();
  }

  /** Starts a span that belongs to a run. */
  within<Span>(runId: string, start: () => Span): Span {
    this.#ofRun = uuid.test(runId) ? runId.replaceAll("-", "") : undefined;
    try {
      return start();
    } finally {
      this.#ofRun = undefined;
    }
  }
}
