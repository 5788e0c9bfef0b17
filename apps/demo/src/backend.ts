import { resolveSettings, SettingsError, type Environment } from "@orchestra/core";
import {
  EXTRACTIVE_MODEL,
  startSandbox,
  type Sandbox,
  type SandboxOptions,
} from "@orchestra/sandbox";
import { valueOf } from "./value-of.ts";

/** The server that answers the calls, and the environment for it. */
export interface Backend extends AsyncDisposable {
  readonly name: "sandbox" | "openrouter" | "portkey";
  /** A sentence with the server that answers, and the reason. */
  readonly notice: string;
  readonly environment: Environment;
  /** Present if the sandbox answers. */
  readonly sandbox?: Sandbox;
}

/** The sandbox requires a key, as OpenRouter does, and accepts any. */
const sandboxKey = "sk-or-v1-sandbox";

const sandboxWords = "the built-in sandbox (its model quotes, it does not think)";

/**
 * Opens OpenRouter if there is a key; the built-in sandbox without one, or if `PREFERRED_LLM_PROVIDER` is `sandbox`.
 * The pipeline is the same code on both.
 *
 * @throws {SettingsError} for settings that are wrong, on the sandbox too
 */
export async function openBackend(
  environment: Environment = process.env,
  options?: SandboxOptions,
): Promise<Backend> {
  const preferred = valueOf(environment, "PREFERRED_LLM_PROVIDER");
  const configured = valueOf(environment, "OPENROUTER_API_KEY", "OPENROUTER_BASE_URL");
  if (preferred === "sandbox") {
    return openSandbox(
      environment,
      `PREFERRED_LLM_PROVIDER is sandbox: running on ${sandboxWords}.`,
      options,
    );
  }
  if (configured === undefined && preferred !== "portkey") {
    return openSandbox(
      environment,
      `No OPENROUTER_API_KEY: running on ${sandboxWords}. Set OPENROUTER_API_KEY to use OpenRouter.`,
      options,
    );
  }
  return configuredBackend(environment);
}

function configuredBackend(environment: Environment): Backend {
  const settings = resolve(environment);
  const { preferredProvider, baseUrl, portkeyGatewayUrl, fallbacks } = settings;
  const isPortkey = preferredProvider === "portkey";
  const url = isPortkey ? (portkeyGatewayUrl ?? "https://api.portkey.ai") : baseUrl;
  const where = `${isPortkey ? "Portkey" : "OpenRouter"} (${new URL(url).host})`;
  const backup = fallbacks.length === 0 || isPortkey ? "" : " with fallbacks through Portkey";
  return {
    name: preferredProvider,
    notice: `Running on ${where}${backup}.`,
    environment,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function openSandbox(
  environment: Environment,
  notice: string,
  options: SandboxOptions | undefined,
): Promise<Backend> {
  const preferred = valueOf(environment, "PREFERRED_LLM_PROVIDER");
  const gateway = valueOf(environment, "PORTKEY_GATEWAY_URL");
  const withUrls = (url: string, gatewayUrl: string): Environment => ({
    ...environment,
    OPENROUTER_API_KEY: sandboxKey,
    OPENROUTER_BASE_URL: url,
    OPENROUTER_DEFAULT_MODEL:
      valueOf(environment, "OPENROUTER_DEFAULT_MODEL") ?? EXTRACTIVE_MODEL.id,
    PORTKEY_GATEWAY_URL: gateway ?? gatewayUrl,
    // The sandbox's models are free, and so are all fallbacks.
    LLM_ALLOW_PAID_FALLBACK: valueOf(environment, "LLM_ALLOW_PAID_FALLBACK") ?? "true",
    // Core has no provider with the name sandbox. For core, the sandbox is OpenRouter at another address.
    PREFERRED_LLM_PROVIDER: preferred === "sandbox" ? undefined : preferred,
  });
  // The user's own values are checked first, so that a wrong one is an error on the sandbox too.
  resolve({ ...withUrls("http://127.0.0.1", "http://127.0.0.1"), ...ownAddress(environment) });

  const sandbox = await startSandbox(options);
  return {
    name: "sandbox",
    notice,
    sandbox,
    environment: withUrls(sandbox.url, sandbox.gatewayUrl),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** The user's key and address, which the sandbox replaces. */
function ownAddress(environment: Environment): Environment {
  const names = ["OPENROUTER_API_KEY", "OPENROUTER_BASE_URL"] as const;
  return Object.fromEntries(
    names
      .filter((name) => valueOf(environment, name) !== undefined)
      .map((name) => [name, environment[name]]),
  );
}

/** Core's check of the settings, which also accepts the provider `sandbox`. */
function resolve(environment: Environment) {
  try {
    return resolveSettings({}, environment);
  } catch (error) {
    if (!SettingsError.isInstance(error)) throw error;
    throw new SettingsError(
      error.problems.map((problem) =>
        problem.variable === "PREFERRED_LLM_PROVIDER"
          ? { ...problem, expected: "openrouter, portkey or sandbox" }
          : problem,
      ),
    );
  }
}
