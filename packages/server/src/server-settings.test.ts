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

  test("is named by its option, with an example as JavaScript has it", () => {
    expect(() => resolveServerSettings({ keys: ["short"] }, {})).toThrow(
      'settings.keys is not valid (variable ORCHESTRA_SERVER_KEYS): expected an array of keys of 16 to 256 characters without spaces. Example: keys: ["a-key-of-one-team","a-key-of-another-team"]',
    );
  });
});
