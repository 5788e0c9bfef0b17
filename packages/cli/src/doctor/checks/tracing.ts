import { readVariable } from "@orchestra/core/gateway";
import { findCollector, tracingVariables } from "@orchestra/server/tracing";
import { describeFailure } from "../../api/request-failure.ts";
import { defineCheck, ok, skipped } from "../check.ts";
import type { DoctorContext } from "../doctor-context.ts";

const notUsed = "OTEL_EXPORTER_OTLP_ENDPOINT is not set, or the export is turned off.";

const variables = defineCheck({
  id: "tracing/variables",
  title: "Variables of OpenTelemetry",
  needsNetwork: false,
  problems: {
    invalid: {
      severity: "warning",
      remedy: "Correct the variable, or remove it; until then nothing is exported.",
    },
  },
  run: async ({ environment }) => {
    const collector = findCollector(environment);
    if (!collector) return skipped(notUsed);
    const details = describeVariables(environment);
    if (collector.url) return ok(`Traces go to ${shown(collector.url)}.`, details);
    return [{ problem: "invalid", message: `${collector.problem}.`, details }];
  },
});

/** Lists the variables without their values: headers and URLs can contain keys. */
function describeVariables(environment: DoctorContext["environment"]): string[] {
  return tracingVariables
    .filter(({ name }) => readVariable(environment, name) !== undefined)
    .map(({ name, does }) => `${name} is set: ${does.replaceAll("`", "")}`);
}

const collector = defineCheck({
  id: "tracing/collector",
  title: "The collector of traces",
  needsNetwork: true,
  problems: {
    unreachable: {
      severity: "warning",
      remedy:
        "Start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT; until it answers, spans are dropped, and everything else works.",
    },
    "wrong-path": {
      severity: "warning",
      remedy:
        "Set OTEL_EXPORTER_OTLP_ENDPOINT to the root of a collector for OTLP over HTTP, usually on port 4318, or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the whole URL.",
    },
  },
  run: async ({ environment, requestMs }) => {
    const { url } = findCollector(environment) ?? {};
    if (!url) return skipped("No collector is set.");
    try {
      const status = await sendNothing(url, requestMs);
      if (status !== 404) return ok(`${shown(url)} answers.`);
      return [{ problem: "wrong-path", message: `POST ${shown(url)} gave HTTP 404.` }];
    } catch (error) {
      const { message } = describeFailure(error);
      return [{ problem: "unreachable", message: `${shown(url)} does not answer: ${message}.` }];
    }
  },
});

/** Exports no spans, without the headers that can have a key: a collector that requires one answers too, with 401. */
async function sendNothing(url: URL, timeoutMs: number): Promise<number> {
  const response = await fetch(withoutCredentials(url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"resourceSpans":[]}',
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  return response.status;
}

/** The URL without a password and without a query, which can have a key. */
function shown({ origin, pathname }: URL): string {
  return origin + pathname;
}

/** `fetch` does not accept a URL with a user name or a password. */
function withoutCredentials(url: URL): URL {
  return Object.assign(new URL(url), { username: "", password: "" });
}

export const tracingChecks = [variables, collector];
