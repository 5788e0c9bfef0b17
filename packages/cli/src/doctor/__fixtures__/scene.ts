import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startSandbox, type SandboxOptions } from "@orchestra/sandbox";
import { addEnvFile } from "../../env-file/env-file.ts";
import { run } from "../../run.ts";
import { json, startServer } from "../../test-support/start-server.ts";
import type { Report } from "../report.ts";

/** Sets up the state of a machine for a test, and returns its environment. What it opens, it adds to the stack. */
export type State = (scene: Scene) => Promise<NodeJS.ProcessEnv> | NodeJS.ProcessEnv;

export interface Scene {
  readonly folder: string;
  readonly stack: AsyncDisposableStack;
  /** Writes files into the folder, and creates their folders. */
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>;
  readonly git: (...args: readonly string[]) => Promise<unknown>;
}

export const testKey = "sk-or-v1-test-0123456789";

export async function openScene(): Promise<Scene & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-doctor-"));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const write: Scene["write"] = async (files) => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  };
  return {
    folder,
    stack,
    write,
    git: (...args) => promisify(execFile)("git", args, { cwd: folder }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** How much longer the doctor waits for servers than it does for a user, in milliseconds. */
const moreMs = 100_000;

/** Runs `orchestra doctor` in this process. It waits long for servers, because the machine of the tests may be busy. */
export function doctor(
  folder: string,
  environment: NodeJS.ProcessEnv,
  ...args: readonly string[]
) {
  return runDoctorHere(folder, environment, args, performance.now() + moreMs);
}

async function runDoctorHere(
  folder: string,
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
  startedAt: number,
) {
  const texts = { stdout: "", stderr: "" };
  const whole = { ...environment };
  const envFile = addEnvFile(folder, whole);
  const code = await run(["doctor", ...args], {
    environment: whole,
    envFile,
    folder,
    startedAt,
    stdout: { write: (text) => (texts.stdout += text), columns: 60 },
    stderr: { write: (text) => (texts.stderr += text) },
    signal: new AbortController().signal,
    drainSignal: new AbortController().signal,
  });
  return { code, ...texts };
}

export type ReportWithCode = Report & { readonly code: number };

export async function reportOf(
  folder: string,
  environment: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<ReportWithCode> {
  return parse(await doctor(folder, environment, "--json", ...args));
}

/** The report of a doctor that waits for servers only for the minimum time, as after a slow start of its process. */
export async function hastyReportOf(
  folder: string,
  environment: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<ReportWithCode> {
  return parse(await runDoctorHere(folder, environment, ["--json", ...args], 0));
}

function parse({ code, stdout }: { readonly code: number; readonly stdout: string }) {
  return { ...(JSON.parse(stdout) as Report), code };
}

/** Variables for the sandbox as OpenRouter, with a key that it accepts. */
export async function onSandbox(
  { stack }: Scene,
  options: SandboxOptions = {},
): Promise<{ readonly OPENROUTER_API_KEY: string; readonly OPENROUTER_BASE_URL: string }> {
  const sandbox = stack.use(await startSandbox(options));
  return { OPENROUTER_API_KEY: testKey, OPENROUTER_BASE_URL: sandbox.url };
}

/** Variables for a test's own server as OpenRouter. It serves these documents and a list of models. */
export async function onServer(
  { stack }: Scene,
  documents: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
) {
  const server = stack.use(await startServer(json({ ...models, ...documents }, headers)));
  return { OPENROUTER_API_KEY: testKey, OPENROUTER_BASE_URL: server.url };
}

const models = {
  "/models": {
    data: [
      {
        id: "openai/gpt-4o",
        context_length: 128_000,
        supported_parameters: ["tools", "structured_outputs"],
        pricing: { prompt: "0.0000025", completion: "0.00001" },
      },
    ],
  },
};

/** An answer to `GET /key`. */
export function keyDocument(data: Readonly<Record<string, unknown>>) {
  return { "/key": { data: { label: "sk-or-v1-abc...123", is_free_tier: false, ...data } } };
}

/** Starts a server that accepts connections and never sends a byte. @returns its port */
export async function silentServer({ stack }: Scene): Promise<number> {
  const server = createTcpServer((socket) => stack.defer(() => void socket.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => void server.close());
  return (server.address() as AddressInfo).port;
}

