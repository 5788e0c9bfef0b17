import type { Orchestra } from "@orchestra/core";
import { describe, expect, test } from "vitest";
import { checkConfig } from "./check-config.ts";
import { defineConfig } from "./config.ts";
import { ConfigError } from "./config-error.ts";

const pipeline = (name: string) => ({ name, create: () => undefined });
const check = (module: object) => () => checkConfig(module, "mine.ts");

describe("checkConfig()", () => {
  test("accepts a default export, or the fields as named exports", () => {
    const pipelines = [pipeline("a"), pipeline("b")];
    expect(check({ default: { pipelines } })()).toEqual({ pipelines });
    expect(check({ pipelines, other: 1 })()).toMatchObject({ pipelines });
  });

  test("accepts a config with only agents or only settings", () => {
    const agents = () => [];
    expect(check({ default: { agents } })()).toEqual({
      agents: expect.any(Function),
      pipelines: [],
    });
    expect(check({ default: { settings: {} } })()).toEqual({ settings: {}, pipelines: [] });
  });

  test.each([
    ["other fields", { default: { runs: [] } }, "neither pipelines nor agents. It should look"],
    [
      "an export under another name",
      { config: { agents: () => [] } },
      "has no default export, and exports neither pipelines nor agents",
    ],
    ["no pipeline", { pipelines: [] }, "exports neither pipelines nor agents"],
    ["null", { default: null }, "exports neither pipelines nor agents"],
    [
      "a field that is misspelt",
      { default: defineConfig({ piplines: [], agents: () => [] } as object) },
      "unknown field: piplines (did you mean pipelines?)",
    ],
    [
      "agents that are not a function",
      { agents: [{}] },
      "agents is an array: expected a function, as",
    ],
    ["a pipeline instead of a list", { pipelines: pipeline("a") }, "pipelines is not a list"],
    [
      "an item that is not a pipeline",
      { pipelines: [pipeline("a"), "b"] },
      "pipelines[1] is not a pipeline",
    ],
    ["a pipeline without create", { pipelines: [{ name: "a" }] }, "pipelines[0] is not a pipeline"],
    [
      "an invalid name of a pipeline",
      { pipelines: [pipeline("a b")] },
      'pipelines[0]: "a b" is not a valid name of a pipeline',
    ],
    [
      "two pipelines with one name",
      { pipelines: [pipeline("a"), pipeline("a")] },
      'two pipelines with the name "a"',
    ],
  ])("refuses %s", (_, module, message) => {
    expect(check(module)).toThrow(ConfigError);
    expect(check(module)).toThrow(message);
    expect(check(module)).toThrow(/^mine\.ts/);
  });
});

describe("the agents of a config", () => {
  const agent = (name: string) => ({ role: { name }, invoke: () => undefined });
  const made = (result: unknown) => () =>
    checkConfig({ agents: () => result }, "mine.ts").agents?.({} as Orchestra);

  test("are what its function returns", () => {
    const agents = [agent("poet"), agent("critic")];
    expect(made(agents)()).toBe(agents);
  });

  test.each([
    ["nothing", undefined, "the result is missing: expected an array of agents, as in agents:"],
    ["one agent", agent("poet"), "the result is an object: expected an array of agents"],
    ["a promise", Promise.resolve([]), "the result is a promise: expected an array of agents"],
    ["a role", [agent("a"), { name: "b" }], "item 1 of the result is an object: expected an agent"],
    ["one role twice", [agent("a"), agent("a")], 'two agents have the role "a": expected a diff'],
  ])("cannot be %s", (_, result, message) => {
    expect(made(result)).toThrow(ConfigError);
    expect(made(result)).toThrow(`mine.ts: agents: ${message}`);
  });
});
