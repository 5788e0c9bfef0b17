import { ExportResultCode } from "@opentelemetry/core";
import type { Logger } from "@orchestra/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";

type Report = Parameters<SpanExporter["export"]>[1];

/** Passes spans on, and logs once that they cannot be exported, until the export works again. */
export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #isFailing = false;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(spans: ReadableSpan[], report: Report): void {
    this.#exporter.export(spans, (result) => {
      const hasFailed = result.code !== ExportResultCode.SUCCESS;
      if (hasFailed) this.fail(result.error?.message ?? "the collector did not take them");
      else if (this.#isFailing) this.#logger.info("traces are exported again");
      this.#isFailing = hasFailed;
      // The processor would write a line for each batch.
      report({ code: ExportResultCode.SUCCESS });
    });
  }

  fail(reason: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#logger.warn("traces are not exported until the collector accepts them", { reason });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
