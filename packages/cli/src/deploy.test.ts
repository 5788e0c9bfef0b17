import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import cliPackage from "../package.json" with { type: "json" };
import rootPackage from "../../../package.json" with { type: "json" };
import { run } from "./run.ts";
import { question, startStage } from "./test-support/start-stage.ts";
import { startCli } from "./test-support/start-cli.ts";
import { closingMs } from "./worker/run-worker.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, "deploy", path), "utf8");

interface Compose {
  readonly services: {
    readonly database: { readonly healthcheck: object; readonly environment: Environment };
    readonly worker: {
      readonly build: { readonly context: string; readonly dockerfile: string };
      readonly command: readonly string[];
      readonly environment: Environment;
      readonly stop_grace_period: string;
      readonly depends_on: { readonly database: { readonly condition: string } };
    };
  };
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

/** Whether the command understands these arguments: it comes as far as to look for the config. */
async function isUnderstood(args: readonly string[]): Promise<string> {
  let said = "";
  const output = { write: (text: string) => (said += text) };
  await run([...args, "--config", "nowhere.ts"], {
    environment: {},
    folder: root,
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
  });
  return said;
}

/** How long the command takes to stop, at most. */
function stopsWithin(args: readonly string[]): number {
  return Number(args[args.indexOf("--grace") + 1]) * 1000 + closingMs;
}

describe("deploy/compose.yaml", () => {
  const { database, worker } = (parse(read("compose.yaml")) as Compose).services;

  test("starts workers as they want it, once the database is well", async () => {
    expect(await isUnderstood(worker.command)).toContain("There is no file");
    expect(worker.depends_on.database.condition).toBe("service_healthy");
    expect(database.healthcheck).toHaveProperty("test");
    const url = new URL(worker.environment["DATABASE_URL"] ?? "");
    expect({ user: url.username, name: url.pathname.slice(1) }).toEqual({
      user: database.environment["POSTGRES_USER"],
      name: database.environment["POSTGRES_DB"],
    });
    expect(existsSync(join(root, "deploy", worker.build.context, worker.build.dockerfile))).toBe(
      true,
    );
  });

  test("leaves workers the time that they need to stop", () => {
    const [, seconds] = /^(\d+)s$/.exec(worker.stop_grace_period) ?? [];
    expect(Number(seconds) * 1000).toBeGreaterThan(stopsWithin(worker.command));
  });
});

describe("deploy/kubernetes", () => {
  const [deployment, budget] = parseAllDocuments(read("kubernetes/worker.yaml")).map(
    (document) => document.toJS() as Deployment,
  );
  const secret = parse(read("kubernetes/secret.yaml")) as { readonly metadata: { name: string } };
  const { template, selector } = deployment!.spec;
  const [container] = template.spec.containers;

  test("starts workers as they want it, with the secret", async () => {
    expect(await isUnderstood(container.args)).toContain("There is no file");
    expect(container.envFrom[0].secretRef.name).toBe(secret.metadata.name);
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(budget).toMatchObject({ kind: "PodDisruptionBudget", spec: { selector } });
  });

  test("leaves workers the time that they need to stop", () => {
    const { terminationGracePeriodSeconds } = template.spec;
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(stopsWithin(container.args));
  });
});

describe.each(["Dockerfile", "project.Dockerfile"])("deploy/%s", (name) => {
  const instructions = read(name).replaceAll(/^#.*\n/gm, "");

  test("starts the command that the package has", () => {
    const bin = join("node_modules", cliPackage.name, cliPackage.bin.orchestra);
    expect(instructions).toContain(`ENTRYPOINT ["node", "${bin}"]\nCMD ["worker"]`);
  });

  test("runs on a Node that runs TypeScript, and not as root", () => {
    expect(instructions.match(/^FROM node:(\d+)/gm)?.at(-1)).toBe("FROM node:24");
    expect(instructions.match(/^USER .*/gm)).toEqual(["USER node"]);
  });
});

test("deploy/Dockerfile builds with the package manager of this repository", () => {
  const [major] = rootPackage.packageManager.split(".");
  expect(read("Dockerfile")).toContain(`npm install --global ${major}\n`);
});

describe("deploy/worker", () => {
  test("answers from its documents", async () => {
    await using stage = await startStage();
    const { environment, runtime } = stage;
    const folder = join(root, "deploy/worker");
    await using worker = startCli(["worker"], { folder, environment });
    const { id } = await runtime.start("answer", question);
    expect(await runtime.wait(id)).toMatchObject({
      status: "succeeded",
      output: { citations: [expect.objectContaining({ path: "harbour.md" })] },
    });
    worker.stop("SIGTERM");
    expect(await worker.done).toMatchObject({ code: 0 });
  });
});
