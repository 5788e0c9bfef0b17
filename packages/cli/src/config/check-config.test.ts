import { describe, expect, test } from "vitest";
import { checkConfig } from "./check-config.ts";
import { ConfigError } from "./config-error.ts";

const pipeline = (name: string) => ({ name, create: () => undefined });
const check = (module: object) => () => checkConfig(module, "mine.ts");

describe("what a config module exports", () => {
  test("is a config as its default, or each part under its own name", () => {
    const pipelines = [pipeline("a"), pipeline("b")];
    expect(check({ default: { pipelines } })()).toEqual({ pipelines });
    expect(check({ pipelines })()).toEqual({ pipelines });
  });

  test.each([
    ["something else", { default: { piplines: [] } }, "exports no pipelines. It should look like"],
    ["nothing", {}, "exports no pipelines"],
    ["null", { default: null }, "exports no pipelines"],
    ["no pipeline", { pipelines: [] }, "has an empty list of pipelines"],
    [
      "what is not a pipeline",
      { pipelines: [pipeline("a"), "b"] },
      "pipelines[1] is not a pipeline",
    ],
    ["nothing to make it with", { pipelines: [{ name: "a" }] }, "pipelines[0] is not a pipeline"],
    [
      "a name that is not valid",
      { pipelines: [pipeline("a b")] },
      'pipelines[0]: "a b" is not a valid name of a pipeline',
    ],
    [
      "two of one name",
      { pipelines: [pipeline("a"), pipeline("a")] },
      'two pipelines with the name "a"',
    ],
  ])("cannot be %s", (_, module, message) => {
    expect(check(module)).toThrow(ConfigError);
    expect(check(module)).toThrow(message);
    expect(check(module)).toThrow(/^mine\.ts/);
  });
});
