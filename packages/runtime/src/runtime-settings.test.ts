import { inspect } from "node:util";
import {
  ArgumentError,
  runtimeVariableNames,
  SettingsError,
  type SettingsProblem,
} from "@orchestra/core";
import { describe, expect, test } from "vitest";
import { resolveRuntimeSettings, runtimeVariables } from "./runtime-settings.ts";

/** The problem of a wrong value in code. */
function problemOf(option: string): SettingsProblem {
  try {
    resolveRuntimeSettings({ [option]: Symbol("wrong") as never }, {});
  } catch (error) {
    if (SettingsError.isInstance(error) && error.problems[0]) return error.problems[0];
  }
  throw new Error(`${option} is not refused`);
}

describe("the runtime's settings", () => {
  test("have defaults, and take an option before its variable", () => {
    expect(resolveRuntimeSettings({}, { ORCHESTRA_HOME: " " })).toEqual({
      home: ".orchestra",
      databaseSchema: "orchestra",
      databaseConnections: 10,
      databaseTimeoutMs: 10_000,
      autoMigrate: true,
      maxPayloadBytes: 16_777_216,
      retentionDays: 30,
    });
    const environment = { ORCHESTRA_DATABASE_SCHEMA: "blue", ORCHESTRA_DATABASE_CONNECTIONS: "4" };
    expect(resolveRuntimeSettings({ databaseSchema: "green" }, environment)).toMatchObject({
      databaseSchema: "green",
      databaseConnections: 4,
    });
  });

  test.each(runtimeVariables.map(({ option }) => option))(
    "have an error in the form of code for an option in code: %s",
    (option) => {
      const { problem, example } = problemOf(option);
      expect(problem).toMatch(/^is (Symbol\(wrong\)|not valid)$/);
      const valid = { [option]: JSON.parse(example) as never };
      expect(resolveRuntimeSettings(valid, {})).toMatchObject(valid);
    },
  );

  test.each([
    { databaseConnections: "4" },
    { databaseTimeoutMs: "500" },
    { autoMigrate: "no" },
    { retentionDays: null },
  ])("are not converted from another type in code: %o", (options) => {
    expect(() => resolveRuntimeSettings(options as never, {})).toThrow(SettingsError);
  });

  test("have true and false written as those of core", () => {
    const settings = resolveRuntimeSettings({}, { ORCHESTRA_AUTO_MIGRATE: "0" });
    expect(settings.autoMigrate).toBe(false);
    const yes = () => resolveRuntimeSettings({}, { ORCHESTRA_AUTO_MIGRATE: "yes" });
    expect(yes).toThrow('ORCHESTRA_AUTO_MIGRATE is "yes"');
  });

  test("are refused all at once, without what may be a password", () => {
    const environment = {
      DATABASE_URL: "mysql://root:hunter22@db/orchestra",
      ORCHESTRA_DATABASE_SCHEMA: "Orchestra",
      ORCHESTRA_DATABASE_CONNECTIONS: "1",
    };
    const refuse = () => resolveRuntimeSettings({}, environment);
    expect(refuse).toThrow(SettingsError);
    expect(refuse).toThrow(/DATABASE_URL.*\n.*_SCHEMA.*lower-case letters.*\n.*_CONNECTIONS/);
    expect(refuse).not.toThrow(/hunter22/);
  });

  test.each([
    ["schema", "schema"],
    ["databaseUri", "databaseUri (did you mean databaseUrl?)"],
    ["openRouterKey", "openRouterKey (did you mean orchestra.settings.openRouterApiKey?)"],
    ["maxRetries", "maxRetries (did you mean orchestra.settings.maxRetries?)"],
  ])("are refused where one does not exist: %s", (name, shown) => {
    expect(() => resolveRuntimeSettings({ [name]: "x" }, {})).toThrow(
      new ArgumentError(`The runtime's settings in code: settings has unknown fields: ${shown}`),
    );
  });

  test("have the timeout in seconds as a variable, and in milliseconds in code", () => {
    const environment = { ORCHESTRA_DATABASE_TIMEOUT: "2.5" };
    expect(resolveRuntimeSettings({}, environment)).toMatchObject({ databaseTimeoutMs: 2500 });
    expect(resolveRuntimeSettings({ databaseTimeoutMs: 300 }, environment)).toMatchObject({
      databaseTimeoutMs: 300,
    });
    const tooShort = () => resolveRuntimeSettings({ databaseTimeoutMs: 50 }, {});
    expect(tooShort).toThrow(/databaseTimeoutMs.*is 50.*milliseconds from 100/);
    const none = () => resolveRuntimeSettings({}, { ORCHESTRA_DATABASE_TIMEOUT: "none" });
    expect(none).toThrow(/ORCHESTRA_DATABASE_TIMEOUT.*seconds from 0.1/);
  });

  test.each([
    "postgresql://user:secret@a:5432,b:5432/name?target_session_attrs=read-write",
    "postgres://host/name",
  ])("the database may be at %s", (databaseUrl) => {
    expect(resolveRuntimeSettings({ databaseUrl }, {})).toMatchObject({ databaseUrl });
  });

  test.each(["a".repeat(44), "_2", "pgruns", "information_schema_2"])(
    "a schema may be called %s",
    (databaseSchema) => {
      expect(resolveRuntimeSettings({ databaseSchema }, {})).toMatchObject({ databaseSchema });
    },
  );

  test.each(["a".repeat(45), "2_", 'a"b', "A", "pg_runs", "information_schema"])(
    "a schema may not be called %s",
    (name) => {
      expect(() => resolveRuntimeSettings({ databaseSchema: name }, {})).toThrow(SettingsError);
    },
  );

  test("lose the quotes around them", () => {
    expect(resolveRuntimeSettings({}, { ORCHESTRA_HOME: '"/data"' })).toMatchObject({
      home: "/data",
    });
  });

  test("have the names that core knows", () => {
    expect(runtimeVariables.map(({ name }) => name)).toEqual([...runtimeVariableNames]);
  });
});

test("no way of showing the settings shows the password of the database", () => {
  const databaseUrl = "postgresql://root:hunter22@db/orchestra";
  const settings = resolveRuntimeSettings({ databaseUrl }, {});
  expect(settings.databaseUrl).toBe(databaseUrl);
  for (const text of [JSON.stringify(settings), inspect(settings, { showHidden: true })]) {
    expect(text).toContain("[secret]");
    expect(text).not.toContain("hunter22");
  }
});
