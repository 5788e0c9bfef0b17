import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startServer } from "../test-support/start-server.ts";
import { brokenStates } from "./__fixtures__/broken-states.ts";
import { healthyStates } from "./__fixtures__/healthy-states.ts";
import {
  doctor,
  hastyReportOf,
  onSandbox,
  onServer,
  openScene,
  reportOf,
  silentServer,
  testKey,
} from "./__fixtures__/scene.ts";
import { defineCheck, ok } from "./check.ts";
import { checks } from "./checks.ts";
import { createDoctorContext } from "./doctor-context.ts";
import type { Report } from "./report.ts";
import { runChecks } from "./run-checks.ts";
import { runDoctor } from "./run-doctor.ts";

/** Findings that need an older version of Node.js than the tests use. */
const untested = ["install/node: no-typescript"];

describe("each problem is reported, with its remedy", () => {
  test.each(brokenStates)("%s (%s)", async (finding, says, state) => {
    await using scene = await openScene();
    const [id = ""] = finding.split(":");
    const examine = finding.endsWith(": timeout") ? hastyReportOf : reportOf;
    const report = await examine(scene.folder, await state(scene), "--only", id);
    const found = report.findings.find(
      ({ check, problem, message }) => `${check}: ${problem}` === finding && isSaid(message, says),
    );
    expect(found ?? report.findings).toMatchObject({
      remedy: expect.stringMatching(/^[A-Z].{15,}\.$/),
    });
    expect(report.code).toBe(report.summary.error > 0 ? 1 : 0);
  });

  test("for each problem of each check, there is a broken state", () => {
    const known = checks.flatMap(({ id, problems }) =>
      Object.keys(problems).map((problem) => `${id}: ${problem}`),
    );
    const tested = new Set([...brokenStates.map(([finding]) => finding), ...untested]);
    expect(known.filter((finding) => !tested.has(finding))).toEqual([]);
  });
});

function isSaid(message: string, says: string | RegExp): boolean {
  return typeof says === "string" ? message.includes(says) : says.test(message);
}

describe("a healthy installation has no problems", () => {
  test.each(healthyStates)("%s", async (_, state) => {
    await using scene = await openScene();
    const report = await reportOf(scene.folder, await state(scene));
    const alarms = report.findings.filter(
      ({ severity }) => severity === "error" || severity === "warning",
    );
    expect(alarms).toEqual([]);
    expect(report.code).toBe(0);
  });
});

describe("orchestra doctor", () => {
  test("prints each role's model with context and price, and the credits of the account", async () => {
    await using scene = await openScene();
    const { stdout: printed, code } = await doctor(scene.folder, await onSandbox(scene));
    expect(code).toBe(0);
    const stdout = printed.replaceAll(/\s+/g, " ");
    expect(stdout).toContain(
      "researcher, validator, executor: openai/gpt-4o, context 128,000 tokens, $2.50 in and",
    );
    expect(stdout).toContain("The account has credits (pro).");
    expect(stdout).toContain("0 errors, 0 warnings");
  });

  test("reports the price of a router, which is -1, as unknown", async () => {
    await using scene = await openScene();
    const router = { id: "openrouter/auto", pricing: { prompt: "-1", completion: "-1" } };
    const environment = {
      ...(await onServer(scene, { "/models": { data: [router] } })),
      OPENROUTER_DEFAULT_MODEL: "openrouter/auto",
    };
    const { findings } = await reportOf(scene.folder, environment, "--only", "models/roles");
    expect(findings).toMatchObject([
      {
        severity: "ok",
        message: expect.stringContaining("openrouter/auto, context unknown, price"),
      },
    ]);
  });

  test("lists the groups for an id that no check has", async () => {
    await using scene = await openScene();
    const { code, stderr } = await doctor(scene.folder, {}, "--only", "fallbacks");
    expect(code).toBe(2);
    expect(stderr.replaceAll(/\s+/g, " ")).toMatch(
      /there is no check fallbacks.*Groups: .*settings.*models.*--json lists the ids/,
    );
  });

  test("prints groups with problems first, and only the number of skipped checks", async () => {
    await using scene = await openScene();
    const environment = { ...(await onSandbox(scene)), LLM_MAX_RETRIES: "many" };
    const { stdout } = await doctor(scene.folder, environment);
    expect(stdout.split("\n").slice(2, 4)).toEqual(["settings", expect.stringMatching(/^ {2}✗/)]);
    expect(stdout).not.toMatch(/^ {2}- /m);
    const [, skipped] = /\n(\d+) checks skipped \(--all lists the reasons\)\n$/.exec(stdout) ?? [];
    const { stdout: whole } = await doctor(scene.folder, environment, "--all");
    expect(String(whole.match(/^ {2}- /gm)?.length)).toBe(skipped);
  });

  test("prints the advice of a database error, once for all findings, instead of the general remedy", async () => {
    await using scene = await openScene();
    const environment = {
      ...(await onSandbox(scene)),
      DATABASE_URL: "postgresql://me:hunter22@127.0.0.1:1/mine",
    };
    const { stdout } = await doctor(scene.folder, environment, "--only", "database");
    const advice = "Start the server, or correct the host and the port";
    expect(stdout.replaceAll(/\s+/g, " ").split(advice)).toHaveLength(2);
    expect(stdout.match(/→/g)).toHaveLength(1);
  });

  test("prints settings with value, source and meaning, without secrets", async () => {
    await using scene = await openScene();
    await scene.write({ ".env": "LLM_MAX_RETRIES=5\n" });
    const environment = {
      ...(await onSandbox(scene)),
      DATABASE_URL: "postgresql://me:hunter22@127.0.0.1:1/mine",
      OPENROUTER_HEADERS: '{"Authorization":"Bearer open-sesame","X-Title":"Mine"}',
      PORTKEY_API_KEY: "pk with a space 0123456789",
      ORCHESTRA_SERVER_KEYS: "a-key-of-one-team-0123",
      ORCHESTRA_SERVER_PORT: "3000",
      ORCHESTRA_SERVER_GRACE: "2.5",
      LLM_REQUEST_TIMEOUT: "7",
      LLM_REQUESTS_PER_DAY: "none",
      LLM_RETRYABLE_ERRORS: "timeout_error, service_error",
    };
    for (const form of [[], ["--json"], ["--report"]]) {
      const { stdout } = await doctor(scene.folder, environment, ...form);
      for (const secret of [testKey, "hunter22", "open-sesame", "pk with a space", "a-key-of"]) {
        expect(stdout).not.toContain(secret);
      }
    }
    const { findings } = await reportOf(scene.folder, environment, "--only", "settings/values");
    expect(findings.flatMap(({ details = [] }) => details)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^LLM_MAX_RETRIES = 5 \(\.env\): Further attempts/),
        expect.stringMatching(/^ORCHESTRA_SERVER_PORT = 3000 \(environment\): /),
        expect.stringMatching(/^ORCHESTRA_SERVER_GRACE = 2.5 \(environment\): /),
        expect.stringMatching(/^LLM_REQUEST_TIMEOUT = 7 \(environment\): /),
        expect.stringMatching(/^LLM_REQUESTS_PER_DAY = none \(environment\): /),
        expect.stringMatching(
          /^LLM_RETRYABLE_ERRORS = timeout_error,service_error \(environment\)/,
        ),
        expect.stringMatching(/^ORCHESTRA_SERVER_KEYS = \[secret\] \(environment\): /),
        expect.stringMatching(
          /^OPENROUTER_API_KEY = \[secret\] \(environment\): Key of the account/,
        ),
      ]),
    );
  });

  test("reports an unknown setting in the config as one problem, and not as a bug of the doctor", async () => {
    await using scene = await openScene();
    await scene.write({
      "orchestra.config.mjs": "export default { settings: { maxRetries: 1 } };",
    });
    const environment = await onSandbox(scene);
    const { findings } = await reportOf(scene.folder, environment, "--only", "install,settings");
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([
      expect.objectContaining({
        check: "install/config",
        message: expect.stringContaining("did you mean orchestra.settings.maxRetries?"),
      }),
    ]);
  });

  test("ends with findings if no server answers and the config never loads", async () => {
    await using scene = await openScene();
    const server = scene.stack.use(await startServer(() => undefined));
    const port = await silentServer(scene);
    await scene.write({
      "orchestra.config.mjs": "await new Promise(() => setInterval(() => 0, 1e6));",
    });
    const report = await hastyReportOf(scene.folder, {
      OPENROUTER_API_KEY: testKey,
      OPENROUTER_BASE_URL: server.url,
      PORTKEY_GATEWAY_URL: `${server.url}/v1`,
      PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o"}]',
      DATABASE_URL: `postgresql://me:hunter22@127.0.0.1:${port}/mine`,
    });
    const problems = report.findings.map(({ check, problem }) => `${check}: ${problem}`);
    for (const finding of [
      "install/config: timeout",
      "network/base-url: timeout",
      "portkey/gateway: unreachable",
      "database/connection: timeout",
    ]) {
      expect(problems).toContain(finding);
    }
    expect(new Set(report.findings.map(({ check }) => check))).toEqual(
      new Set(checks.map(({ id }) => id)),
    );
  });

  test("combines equal findings of several roles and entries", async () => {
    await using scene = await openScene();
    const environment = {
      ...(await onSandbox(scene)),
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o-mimi",
      AGENT_MODEL_MAP: '{"executor":"openai/gpt-4o","reseacher":"openai/gpt-4o"}',
      AGENT_REQUEST_MAP: '{"reseacher":{"temperature":0}}',
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:1/v1",
      PORTKEY_FALLBACKS:
        '[{"provider":"openai","model":"gpt-5o"},{"provider":"openai","model":"gpt-5o","weight":2}]',
    };
    const { findings } = await reportOf(
      scene.folder,
      environment,
      "--only",
      "settings/roles,models/roles,models/fallbacks",
    );
    const errors = findings.filter(({ severity }) => severity !== "ok");
    expect(errors.map(({ check, message }) => `${check}: ${message.split(". ")[0]}`)).toEqual([
      'settings/roles: AGENT_MODEL_MAP and AGENT_REQUEST_MAP have the role "reseacher"',
      "models/roles: researcher, validator: the server has no model openai/gpt-4o-mimi",
      "models/fallbacks: The fallback openai has the model gpt-5o, which OpenRouter does not list",
    ]);
  });

  test("skips checks that need an invalid variable, and prints one remedy for all invalid ones", async () => {
    await using scene = await openScene();
    const environment = {
      ...(await onSandbox(scene)),
      AGENT_MODEL_MAP: "{",
      PORTKEY_FALLBACKS: "[",
      DOCUMENTS_RERANK_MODEL: "no model",
      ORCHESTRA_SERVER_PORT: "many",
    };
    const report = await reportOf(scene.folder, environment);
    const messages = new Map(report.findings.map(({ check, message }) => [check, message]));
    expect(Object.fromEntries(messages)).toMatchObject({
      "settings/roles": "AGENT_MODEL_MAP is not valid.",
      "models/roles": "AGENT_MODEL_MAP is not valid.",
      "models/fallbacks": "PORTKEY_FALLBACKS is not valid.",
      "models/documents": "DOCUMENTS_RERANK_MODEL is not valid.",
      "settings/portkey": "PORTKEY_FALLBACKS is not valid.",
      "account/tier": "AGENT_MODEL_MAP is not valid.",
    });
    const { stdout } = await doctor(scene.folder, environment, "--only", "settings/values");
    expect(stdout.match(/✗/g)).toHaveLength(4);
    expect(stdout).not.toContain("undefined");
    expect(stdout.match(/→/g)).toHaveLength(1);
    const alone = { PORTKEY_FALLBACKS: "[" };
    const without = await doctor(scene.folder, alone, "--only", "settings/values");
    expect(without.stdout).toContain("All other settings have their defaults.");
  });

  test("does not report the gateway of the server itself as unused, but a quotation mark in the key", async () => {
    await using scene = await openScene();
    const { OPENROUTER_BASE_URL: url, ...rest } = await onSandbox(scene);
    const { origin } = new URL(url);
    const environment = { ...rest, OPENROUTER_BASE_URL: url, PORTKEY_GATEWAY_URL: `${origin}/v1` };
    const report = await reportOf(scene.folder, environment, "--only", "settings/portkey");
    expect(report.findings).toMatchObject([{ severity: "skipped" }]);
    const quoted = { ...environment, OPENROUTER_API_KEY: `sk-or-v1-"0123456789"` };
    const { findings } = await reportOf(scene.folder, quoted, "--only", "settings/api-key");
    expect(findings).toMatchObject([
      { problem: "invalid", message: "OPENROUTER_API_KEY has a quotation mark in it." },
    ]);
  });

  test("has no time limit for checks that do not use the network", async () => {
    await using scene = await openScene();
    const slow = (needsNetwork: boolean) =>
      defineCheck({
        id: needsNetwork ? "test/server" : "test/machine",
        title: "A check that takes a few milliseconds, or never ends",
        needsNetwork,
        problems: {},
        run: async () => {
          if (needsNetwork) await new Promise(() => undefined);
          for (let turn = 0; turn < 5; turn += 1) await setTimeout(1);
          return ok("It has a result.");
        },
      });
    const context = {
      environment: {},
      folder: scene.folder,
      stdout: { write: () => undefined },
      stderr: { write: () => undefined },
      signal: new AbortController().signal,
      drainSignal: new AbortController().signal,
    };
    const doctorContext = createDoctorContext(context, { isOffline: false, timeMs: 0 });
    const findings = await runChecks([slow(false), slow(true)], doctorContext, () => 0);
    expect(findings).toMatchObject([
      { check: "test/machine", severity: "ok" },
      { check: "test/server", problem: "timeout" },
    ]);
  });

  test("reports a check that throws, and the results of all others", async () => {
    await using scene = await openScene();
    const broken = defineCheck({
      id: "test/broken",
      title: "A check with a bug",
      needsNetwork: false,
      problems: {},
      run: async () => {
        throw new TypeError(`reading 'x' of ${testKey}`);
      },
    });
    let stdout = "";
    const output = { write: (text: string) => (stdout += text) };
    const context = {
      environment: { OPENROUTER_API_KEY: testKey },
      folder: scene.folder,
      stdout: output,
      stderr: output,
      signal: new AbortController().signal,
      drainSignal: new AbortController().signal,
    };
    const run = runDoctor({ json: true, lint: true }, context, [broken, ...checks]);
    await expect(run).rejects.toMatchObject({ code: "failed" });
    const { findings } = JSON.parse(stdout) as Report;
    expect(findings[0]).toMatchObject({
      check: "test/broken",
      severity: "error",
      problem: "failed",
      message: expect.stringContaining("TypeError: reading 'x' of [redacted]"),
    });
    expect(findings.length).toBeGreaterThan(checks.length);
  });

  test("--lint sends no requests, needs no key, and fails on warnings", async () => {
    await using scene = await openScene();
    const server = scene.stack.use(await startServer((_, response) => response.end()));
    const environment = { OPENROUTER_BASE_URL: server.url };
    expect((await reportOf(scene.folder, environment, "--lint")).code).toBe(0);
    expect((await reportOf(scene.folder, {}, "--lint")).code).toBe(0);
    expect(server.requests).toEqual([]);
    const misspelt = { ...environment, LLM_RETRYS: "3" };
    const only = ["--only", "settings"];
    expect((await reportOf(scene.folder, misspelt, "--lint")).code).toBe(1);
    expect((await reportOf(scene.folder, misspelt, ...only)).code).toBe(0);
  });

  test("--fix keeps the bytes of a .gitignore that is not UTF-8", async () => {
    await using scene = await openScene();
    await scene.git("init", "--quiet");
    await scene.write({ ".env": "LLM_MAX_RETRIES=3\n" });
    const path = join(scene.folder, ".gitignore");
    await writeFile(path, Buffer.from("# caf\u00e9\n", "latin1"));
    await reportOf(scene.folder, {}, "--fix", "--only", "files");
    expect(await readFile(path, "latin1")).toBe("# caf\u00e9\n.env\n.orchestra/\n");
  });

  test("--fix fixes files and reports what it did", async () => {
    await using scene = await openScene();
    await scene.git("init", "--quiet");
    await scene.write({ ".gitignore": "dist", ".env": "LLM_MAX_RETRIES=3\n" });
    const only = ["--only", "files"];
    const before = await reportOf(scene.folder, {}, ...only);
    expect(before.summary.warning).toBeGreaterThan(1);
    const fixed = await reportOf(scene.folder, {}, "--fix", ...only);
    expect(fixed.findings.map((finding) => finding.fixed)).toEqual([
      "Only you can read .env now (chmod 600).",
      "Added .env to .gitignore.",
      "Added .orchestra/ to .gitignore.",
    ]);
    expect(await readFile(join(scene.folder, ".gitignore"), "utf8")).toBe(
      "dist\n.env\n.orchestra/\n",
    );
    expect((await stat(join(scene.folder, ".env"))).mode & 0o777).toBe(0o600);
    expect(await reportOf(scene.folder, {}, ...only)).toMatchObject({
      summary: { error: 0, warning: 0 },
    });
  });

  test("--report is Markdown without the values of settings", async () => {
    await using scene = await openScene();
    const environment = {
      ...(await onSandbox(scene)),
      TRACE_ID: "nightly-secret-name",
      LLM_RETRYS: "3",
    };
    const { stdout } = await doctor(scene.folder, environment, "--report");
    expect(stdout).toMatch(/^## orchestra doctor\n/);
    expect(stdout).toContain("| ok | account/key |");
    expect(stdout).toContain("- 0 errors, 1 warning, ");
    expect(stdout).not.toContain("nightly-secret-name");
  });

  test("suggests the most similar id for an unknown one", async () => {
    await using scene = await openScene();
    const ended = await doctor(scene.folder, {}, "--only", "acount/key");
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain("(did you mean account/key?)");
  });

  test("fits a narrow terminal, and escapes control characters of a server", async () => {
    await using scene = await openScene();
    const model = { id: "openai/gpt-4\u001b[31m\n\u202e" };
    const environment = await onServer(scene, { "/models": { data: [model] } });
    const { stdout } = await doctor(scene.folder, environment);
    for (const control of ["\u001b", "\u202e"]) expect(stdout).not.toContain(control);
    expect(stdout).toContain(String.raw`\u001b[31m`);
    const long = stdout.split("\n").filter((line) => line.length > 60);
    expect(long).toEqual([]);
  });
});
