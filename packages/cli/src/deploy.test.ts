import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { runtimeVariableNames, serverVariableNames, variables } from "@orchestra/core";
import { validate } from "dockerfile-utils";
import getPort from "get-port";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import cliPackage from "../package.json" with { type: "json" };
import rootPackage from "../../../package.json" with { type: "json" };
import { run } from "./run.ts";
import { closingMs } from "./stop-deadline.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, "deploy", path), "utf8");

interface Compose {
  readonly services: Readonly<Record<"database" | "migrate" | "server" | "worker", Service>>;
}

interface Service {
  readonly build: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
  readonly read_only: boolean;
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
}

type Environment = Readonly<Record<string, string>>;

interface Deployment {
  readonly kind: string;
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [
          {
            readonly args: readonly string[];
            readonly envFrom: readonly [{ readonly secretRef: { readonly name: string } }];
          },
        ];
      };
    };
  };
}

/** Names of all environment variables that the packages read. */
const knownVariables = [
  ...Object.values(variables).map(({ variable }) => variable),
  ...runtimeVariableNames,
  ...serverVariableNames,
];

/** Runs the command with a config that does not exist: valid arguments get as far as that error. */
async function outputOf(args: readonly string[]): Promise<string> {
  let said = "";
  const output = { write: (text: string) => (said += text) };
  await run([...args, "--config", "nowhere.ts"], {
    environment: {},
    folder: root,
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    drainSignal: new AbortController().signal,
  });
  return said;
}

/** Maximum time that the command takes to stop, in milliseconds. */
function maxStopMs(args: readonly string[]): number {
  return Number(args[args.indexOf("--grace") + 1]) * 1000 + closingMs;
}

describe("deploy/compose.yaml", () => {
  const { services } = parse(read("compose.yaml"), { merge: true }) as Compose;
  const { database, migrate, server, worker } = services;
  const ours = Object.entries({ migrate, server, worker });

  test.each(ours)("starts %s with a command and variables that exist", async (_, service) => {
    expect(await outputOf(service.command)).toContain("There is no file");
    expect(knownVariables).toEqual(expect.arrayContaining(Object.keys(service.environment)));
    const { context, dockerfile } = service.build;
    expect(existsSync(join(root, "deploy", context, dockerfile))).toBe(true);
    expect(service.read_only).toBe(true);
  });

  test("passes models, fallbacks and budgets on to server and workers", () => {
    const names = ["AGENT_MODEL_MAP", "PORTKEY_FALLBACKS", "LLM_BUDGET_USD_PER_DAY"];
    for (const { environment } of [server, worker]) {
      expect(environment).toMatchObject(
        Object.fromEntries(names.map((name) => [name, `\${${name}:-}`])),
      );
    }
  });

  test.each(ours)("%s uses the database", (_, { environment, depends_on }) => {
    const url = new URL(environment["DATABASE_URL"] ?? "");
    expect({ user: url.username, name: url.pathname.slice(1) }).toEqual({
      user: database.environment["POSTGRES_USER"],
      name: database.environment["POSTGRES_DB"],
    });
    expect(depends_on["database"]?.condition).toBe("service_healthy");
  });

  test("runs the migrations in one service, which server and workers wait for", () => {
    for (const { depends_on, environment } of [server, worker]) {
      expect(depends_on["migrate"]?.condition).toBe("service_completed_successfully");
      expect(environment["ORCHESTRA_AUTO_MIGRATE"]).toBe("false");
    }
  });

  test("starts a server that executes no runs and requires keys of its clients", () => {
    expect(server.command).toContain("--no-worker");
    expect(server.environment["ORCHESTRA_SERVER_KEYS"]).toContain(":?");
  });

  test.each([
    ["server", server, "/readyz", "--port"],
    ["worker", worker, "/ready", "--health-port"],
  ] as const)(
    "has a health check that succeeds only while the %s is ready",
    async (_, { command, healthcheck }, path, flag) => {
      const asked = /http:[^"]*/.exec(healthcheck.test.at(-1) ?? "")?.[0] ?? "";
      expect(asked).toBe(`http://127.0.0.1:${command[command.indexOf(flag) + 1]}${path}`);
      await using probed = await startProbed(path);
      expect(await checkHealth(healthcheck.test, asked, probed.url)).toBe(0);
      probed.isReady = false;
      expect(await checkHealth(healthcheck.test, asked, probed.url)).toBe(1);
    },
  );

  test.each([
    ["server", server],
    ["worker", worker],
  ] as const)("gives the %s more time to stop than the command needs", (_, service) => {
    const [, seconds] = /^(\d+)s$/.exec(service.stop_grace_period) ?? [];
    expect(Number(seconds) * 1000).toBeGreaterThan(maxStopMs(service.command));
  });
});

/** A server that answers requests to one path with 200 while `isReady` is set, and all others with 503. */
async function startProbed(path: string) {
  const probed = { isReady: true, url: "", [Symbol.asyncDispose]: async () => void http.close() };
  const http = createServer(({ url }, response) => {
    response.writeHead(url === path && probed.isReady ? 200 : 503).end();
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  probed.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`;
  return probed;
}

/** Runs the command of a health check, with `url` in the place of the URL in it. @returns its exit code */
async function checkHealth(
  [, program, ...args]: readonly string[],
  asked: string,
  url: string,
): Promise<number | null> {
  expect(program).toBe("node");
  const there = args.map((arg) => arg.replace(asked, url));
  const [code] = (await once(execFile(process.execPath, there), "close")) as [number | null];
  return code;
}

describe("deploy/kubernetes", () => {
  const [deployment, budget] = parseAllDocuments(read("kubernetes/worker.yaml")).map(
    (document) => document.toJS() as Deployment,
  );
  const secret = parse(read("kubernetes/secret.yaml")) as { readonly metadata: { name: string } };
  const { template, selector } = deployment!.spec;
  const [container] = template.spec.containers;

  test("starts workers with valid arguments, and with the variables of the secret", async () => {
    // A repeated option replaces the one before. The port in the file may be in use on this machine.
    const args = [...container.args, "--health-port", String(await getPort())];
    expect(await outputOf(args)).toContain("There is no file");
    expect(container.envFrom[0].secretRef.name).toBe(secret.metadata.name);
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(budget).toMatchObject({ kind: "PodDisruptionBudget", spec: { selector } });
  });

  test("gives workers more time to stop than the command needs", () => {
    const { terminationGracePeriodSeconds } = template.spec;
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(maxStopMs(container.args));
  });
});

describe.each(["Dockerfile", "project.Dockerfile"])("deploy/%s", (name) => {
  const text = read(name);
  const instructions = text.replaceAll(/^#.*\n/gm, "");

  test("is valid", () => {
    expect(validate(text)).toEqual([]);
  });

  test("starts the command at the path where the package has it", () => {
    const bin = join("node_modules", cliPackage.name, cliPackage.bin.orchestra);
    expect(instructions).toContain(`ENTRYPOINT ["node", "${bin}"]\nCMD ["worker"]`);
  });

  test("uses a version of Node.js that runs TypeScript, and does not run as root", () => {
    expect(instructions.match(/^FROM node:(\d+)/gm)?.at(-1)).toBe("FROM node:24");
    expect(instructions.match(/^USER .*/gm)).toEqual(["USER node"]);
  });
});

test("deploy/Dockerfile copies only files that exist", () => {
  const copied = [...read("Dockerfile").matchAll(/^COPY (?!--from)(.*) \S+$/gm)];
  const sources = copied.flatMap(([, each = ""]) => each.split(" "));
  expect(sources).toContain("pnpm-lock.yaml");
  for (const source of sources) expect(existsSync(join(root, source))).toBe(true);
});

test("deploy/Dockerfile builds with the package manager of this repository", () => {
  const [major] = rootPackage.packageManager.split(".");
  expect(read("Dockerfile")).toContain(`npm install --global ${major}\n`);
});
