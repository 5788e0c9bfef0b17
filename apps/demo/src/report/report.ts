import type { DurableFacts } from "../durable/facts.ts";
import { nextCommands, summary } from "../durable/summary.ts";
import type { Outcome } from "../outcome.ts";
import { plainLine, plainText } from "../plain-text.ts";
import type { Style } from "../style.ts";
import { callsTable, unknownCosts } from "./calls-table.ts";
import { citationLine } from "./citation-line.ts";
import { wrap } from "../wrap.ts";

export interface ReportLook {
  readonly style: Style;
  /** Columns of the terminal. Without a terminal, lines are not wrapped, so that they can be searched. */
  readonly columns?: number | undefined;
  readonly redact: (text: string) => string;
}

/** Maximum width of the table. A wider one would wrap and be hard to read. */
const widest = 100;

/** The result of a run as text: the answer and its sources, or the reasons of a rejection; `""` after a failure. */
export function answerText(outcome: Outcome, look: ReportLook): string {
  const parts = body(outcome, look);
  return parts.length === 0 ? "" : `${parts.join("\n\n")}\n`;
}

/** The table of calls with their costs, and the summary of a durable run; `""` without a call. */
export function factsText(outcome: Outcome, look: ReportLook): string {
  const { style, columns } = look;
  const { durable } = outcome;
  const kept = (facts: DurableFacts) => [
    ...summary(facts).map((line) => broken(line, columns, "  ")),
    // A command that was broken into lines could not be copied.
    ...nextCommands(facts),
  ];
  const parts = [
    ...(outcome.calls.length > 0 ? [callsPart(outcome, look)] : []),
    ...(durable ? [[style("bold", "Durable"), ...kept(durable)].join("\n")] : []),
  ];
  return parts.map((part) => `\n${part}\n`).join("");
}

function callsPart(outcome: Outcome, { style, columns, redact }: ReportLook): string {
  const width = Math.min(columns ?? Infinity, widest);
  const [head = "", ...rows] = callsTable(outcome.calls, width).map(redact);
  const total = rows.pop() ?? "";
  const unknown = unknownCosts(outcome.calls);
  return [
    style("bold", "Calls"),
    style("dim", head),
    ...rows,
    style("bold", total),
    ...(unknown === undefined ? [] : [style("dim", broken(unknown, columns))]),
  ].join("\n");
}

function body(outcome: Outcome, look: ReportLook): string[] {
  const { style, redact, columns } = look;
  switch (outcome.status) {
    case "failed":
      return [];
    case "rejected": {
      const reasons = outcome.reasons.map((reason) =>
        broken(`  - ${redact(plainLine(reason))}`, columns, "    "),
      );
      return [
        [
          style(["bold", "yellow"], "No answer: the Validator rejected the findings"),
          ...reasons,
        ].join("\n"),
      ];
    }
    case "succeeded": {
      const answer = redact(plainText(outcome.answer))
        .split("\n")
        .map((line) => broken(line, columns));
      // Not redacted: each quotation was checked, word for word, against the user's own documents.
      const sources = outcome.citations.map((one) => broken(citationLine(one), columns, "    "));
      return [answer.join("\n"), [style("bold", "Sources"), ...sources].join("\n")];
    }
  }
}

function broken(line: string, columns: number | undefined, indent?: string): string {
  return columns === undefined ? line : wrap(line, Math.min(columns, widest), indent).join("\n");
}
