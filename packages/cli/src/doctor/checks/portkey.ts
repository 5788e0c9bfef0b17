import type { Settings } from "@orchestra/core";
import { defineCheck, ok, skipped, type Result } from "../check.ts";
import { describeFailure } from "../../api/request-failure.ts";
import { startModelServer } from "../model-server.ts";

/** The hosted gateway: the default of the package portkey-ai. */
const hostedUrl = "https://api.portkey.ai/v1";

/** Whether requests go through Portkey: all of them, or the fallbacks. */
export function usesPortkey({ preferredProvider, fallbacks }: Settings): boolean {
  return preferredProvider === "portkey" || fallbacks.length > 0;
}

const gateway = defineCheck({
  id: "portkey/gateway",
  title: "Portkey's gateway",
  needsNetwork: true,
  problems: {
    unreachable: {
      severity: "error",
      remedy:
        "Start the gateway (npx @portkey-ai/gateway), or correct PORTKEY_GATEWAY_URL; for the hosted gateway check the network.",
    },
    "key-refused": {
      severity: "error",
      remedy: "Set PORTKEY_API_KEY to a key of https://app.portkey.ai/api-keys.",
    },
    "server-error": {
      severity: "warning",
      remedy: "Try again later; https://status.portkey.ai shows the outages of the hosted gateway.",
    },
  },
  run: async ({ settings, requestMs }) => {
    const { settings: models } = await settings();
    if (!usesPortkey(models)) return skipped("Portkey is not used.");
    const url = models.portkeyGatewayUrl ?? hostedUrl;
    const { portkeyApiKey: key } = models;
    const headers: Record<string, string> = key ? { "x-portkey-api-key": key } : {};
    try {
      const { status } = await request(`${url}/models`, { headers }, requestMs);
      return [judge(url, status)];
    } catch (error) {
      const { message } = describeFailure(error);
      return [{ problem: "unreachable", message: `${url} does not answer: ${message}.` }];
    }
  },
});

function judge(
  url: string,
  status: number,
): Result<"unreachable" | "key-refused" | "server-error"> {
  if (status === 401 || status === 403) {
    return { problem: "key-refused", message: `${url} refuses the key (HTTP ${status}).` };
  }
  if (status >= 500) return { problem: "server-error", message: `${url} gave HTTP ${status}.` };
  return ok(`${url} answers.`)[0];
}

const streaming = defineCheck({
  id: "portkey/streaming",
  title: "Streams of a self-hosted gateway",
  needsNetwork: true,
  problems: {
    broken: {
      severity: "warning",
      remedy:
        'Install the gateway with "overrides": {"@hono/node-server": "1.13.5"} in package.json. Orchestra asks gateways for whole answers and works without it; other clients do not.',
    },
  },
  run: async ({ settings, requestMs }) => {
    const { settings: models } = await settings();
    const { portkeyGatewayUrl: url } = models;
    if (url === undefined || !usesPortkey(models))
      return skipped("No self-hosted gateway is used.");
    const { hostname } = new URL(url);
    if (!/^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)) {
      return skipped(
        "Only a gateway on this machine is tested: it calls a server that the doctor starts.",
      );
    }
    await using upstream = await startModelServer();
    const [plain, streamed] = await Promise.all([
      sendCompletion(url, { upstream: upstream.url, stream: false, requestMs }),
      sendCompletion(url, { upstream: upstream.url, stream: true, requestMs }),
    ]);
    if (plain !== 200) return skipped("The gateway does not reach a server on this machine.");
    if (streamed === 200) return ok("Streams pass through the gateway.");
    const message = `Every stream through the gateway fails (HTTP ${streamed}), as with releases of @hono/node-server after 1.13.8.`;
    return [{ problem: "broken", message }];
  },
});

interface CompletionRequest {
  /** URL of the server that the gateway has to call. */
  readonly upstream: string;
  readonly stream: boolean;
  readonly requestMs: number;
}

/** Sends a chat completion through the gateway to the doctor's own server. @returns its status, 0 without an answer */
async function sendCompletion(
  gatewayUrl: string,
  { upstream, stream, requestMs }: CompletionRequest,
): Promise<number> {
  const headers = {
    "content-type": "application/json",
    authorization: "Bearer none",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": upstream,
  };
  const messages = [{ role: "user", content: "Hello" }];
  const body = JSON.stringify({ model: "doctor", stream, messages });
  const url = `${gatewayUrl}/chat/completions`;
  try {
    return (await request(url, { method: "POST", headers, body }, requestMs)).status;
  } catch {
    return 0;
  }
}

async function request(url: string, options: RequestInit, timeoutMs: number): Promise<Response> {
  const response = await fetch(url, {
    ...options,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.text();
  return response;
}

export const portkeyChecks = [gateway, streaming];
