import { expect, test } from "vitest";
import { findCollector } from "./find-collector.ts";

const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };

test.each([
  ["OTEL_BSP_MAX_QUEUE_SIZE", "0"],
  ["OTEL_BSP_MAX_QUEUE_SIZE", "-1"],
  ["OTEL_BSP_MAX_QUEUE_SIZE", "many"],
  ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0"],
  ["OTEL_BSP_SCHEDULE_DELAY", "-5"],
  ["OTEL_BSP_SCHEDULE_DELAY", "3000000000"],
  ["OTEL_BSP_EXPORT_TIMEOUT", "0"],
  ["OTEL_EXPORTER_OTLP_TIMEOUT", "10s"],
  ["OTEL_TRACES_SAMPLER_ARG", "50"],
])("a wrong number is a problem, with what is expected: %s=%s", (name, value) => {
  const found = findCollector({ ...collector, [name]: value });
  expect(found?.problem).toMatch(new RegExp(`^${name} is not a number `));
  expect(found).not.toHaveProperty("url");
});

test.each([
  ["OTEL_BSP_MAX_QUEUE_SIZE", "1"],
  ["OTEL_BSP_MAX_QUEUE_SIZE", " "],
  ["OTEL_TRACES_SAMPLER_ARG", "0"],
  ["OTEL_TRACES_SAMPLER", "always_on"],
])("a right one is used: %s=%s", (name, value) => {
  const found = findCollector({ ...collector, [name]: value });
  expect(found?.url?.href).toBe("http://127.0.0.1:4318/v1/traces");
});

test("without a collector no variable is a problem", () => {
  expect(findCollector({ OTEL_BSP_MAX_QUEUE_SIZE: "0" })).toBeUndefined();
});
