import { SettingsError, type SettingsProblem } from "@orchestra/core";
import { describe, expect, test } from "vitest";
import { resolveServerSettings, serverVariables } from "./server-settings.ts";

/** The problem of a wrong value in code. */
function problemOf(option: string): SettingsProblem {
  try {
    resolveServerSettings({ [option]: Symbol("wrong") as never }, {});
  } catch (error) {
    if (SettingsError.isInstance(error) && error.problems[0]) return error.problems[0];
  }
  throw new Error(`${option} is not refused`);
}

describe("a wrong setting of the server in code", () => {
  test.each(serverVariables.map(({ option }) => option))(
    "has an error in the form of code: %s",
    (option) => {
      const { expected, example } = problemOf(option);
      expect(expected).not.toMatch(/comma|(?<!milli)seconds/);
      const valid = { [option]: JSON.parse(example) as never };
      expect(resolveServerSettings(valid, {})).toMatchObject(valid);
    },
  );

  test.each([
    { port: "8080" },
    { port: true },
    { port: null },
    { graceMs: "500" },
    { keys: "a-key-of-one-team" },
    { allowedHosts: "llm.example.com" },
  ])("is not converted from another type: %o", (options) => {
    expect(() => resolveServerSettings(options as never, {})).toThrow(SettingsError);
  });

  test("is named by its option, with an example as JavaScript has it", () => {
    expect(() => resolveServerSettings({ keys: ["short"] }, {})).toThrow(
      'settings.keys is not valid (variable ORCHESTRA_SERVER_KEYS): expected an array of keys of 16 to 256 characters without spaces. Example: keys: ["a-key-of-one-team","a-key-of-another-team"]',
    );
  });
});

describe("a variable of the server", () => {
  test.each(["0x1F90", "8e3", "1_000", "8080 # the port"])("has no port %s", (port) => {
    const refuse = () => resolveServerSettings({}, { ORCHESTRA_SERVER_PORT: port });
    expect(refuse).toThrow(`ORCHESTRA_SERVER_PORT is ${JSON.stringify(port)}`);
  });

  test.each([",", "a-key-of-one-team,"])("has no empty element: %s", (keys) => {
    expect(() => resolveServerSettings({}, { ORCHESTRA_SERVER_KEYS: keys })).toThrow(SettingsError);
  });
});
