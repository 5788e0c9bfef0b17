import type { Environment } from "@orchestra/core";
import { defineCheck, ok, skipped, type Result } from "../check.ts";
import type { FailureReason } from "../../api/request-failure.ts";
import { isModelList, type Reply, type ApiClient } from "../../api/api-client.ts";

const proxy = defineCheck({
  id: "network/proxy",
  title: "Proxy",
  needsNetwork: false,
  problems: {
    "not-used": {
      severity: "warning",
      remedy:
        "Set NODE_USE_ENV_PROXY=1 in the environment before Node.js starts (Node.js 22.21, 24 or newer); in a .env file it comes too late.",
    },
    invalid: {
      severity: "error",
      remedy: "Set the variable to the URL of a proxy, such as http://proxy.example.com:3128.",
    },
  },
  run: async ({ environment, settings }) => {
    const { baseUrl } = (await settings()).settings;
    const found = proxyFor(new URL(baseUrl), environment);
    if (!found) return ok("No proxy is set for the server.");
    const { name, value } = found;
    const url = URL.parse(value);
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      return [{ problem: "invalid", message: `${name} is not the URL of an HTTP proxy.` }];
    }
    if (!usesProxy(environment)) {
      const message = `${name} is set, and Node.js does not use it.`;
      return [{ problem: "not-used", message }];
    }
    return ok(`Requests go through the proxy of ${name}, ${url.host}.`);
  },
});

/** The variable with the proxy for a URL; `undefined` without one, or if NO_PROXY contains the host. */
function proxyFor({ protocol, hostname }: URL, environment: Environment) {
  const names =
    protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  const name = names.find((each) => environment[each]);
  const without = environment["no_proxy"] || environment["NO_PROXY"] || "";
  const isLeftOut = without
    .split(/[\s,]+/)
    .some((entry) => entry === "*" || isOfDomain(hostname, entry.replace(/^\*?\./, "")));
  return name === undefined || isLeftOut ? undefined : { name, value: environment[name] ?? "" };
}

function isOfDomain(hostname: string, domain: string): boolean {
  return domain !== "" && (hostname === domain || hostname.endsWith(`.${domain}`));
}

function usesProxy({ NODE_USE_ENV_PROXY, NODE_OPTIONS = "" }: Environment): boolean {
  const flag = "--use-env-proxy";
  const isFlag = NODE_OPTIONS.includes(flag) || process.execArgv.includes(flag);
  return NODE_USE_ENV_PROXY === "1" || isFlag;
}

const certificates = defineCheck({
  id: "network/certificates",
  title: "Certificates of servers are checked",
  needsNetwork: false,
  problems: {
    unchecked: {
      severity: "warning",
      remedy:
        "Remove NODE_TLS_REJECT_UNAUTHORIZED: with it, any machine in between can read the key. For your own certificate, set NODE_EXTRA_CA_CERTS to its file.",
    },
  },
  run: async ({ environment }) =>
    environment["NODE_TLS_REJECT_UNAUTHORIZED"] === "0"
      ? [{ problem: "unchecked", message: "NODE_TLS_REJECT_UNAUTHORIZED is 0." }]
      : ok("Certificates of servers are checked."),
});

const baseUrlProblems = {
  "name-not-found": {
    severity: "error",
    remedy: "Check the network and, if it is set, OPENROUTER_BASE_URL for typing errors.",
  },
  "connection-refused": {
    severity: "error",
    remedy: "Start the server of OPENROUTER_BASE_URL, or correct its host and port.",
  },
  "connection-broken": {
    severity: "error",
    remedy:
      "Check that OPENROUTER_BASE_URL has the right port and http or https, and that no firewall cuts the connection.",
  },
  tls: {
    severity: "error",
    remedy:
      "Use http:// for a server without TLS. For your own certificate, set NODE_EXTRA_CA_CERTS to its file.",
  },
  timeout: {
    severity: "error",
    remedy: "Check the network and the proxy, or try again: the server may be down.",
  },
  proxy: {
    severity: "error",
    remedy:
      "Check that the proxy is running and accepts your login, or exclude the server with NO_PROXY.",
  },
  blocked: {
    severity: "error",
    remedy:
      "Ask the administrator of the network: a firewall or a filter answers instead of the server, or the server refuses your region.",
  },
  redirect: {
    severity: "error",
    remedy: "Set OPENROUTER_BASE_URL to the address that the server redirects to.",
  },
  "wrong-path": {
    severity: "error",
    remedy:
      "Set OPENROUTER_BASE_URL to the root of the API: https://openrouter.ai/api/v1 for OpenRouter, and http://host:port/v1 for most servers.",
  },
  "server-error": {
    severity: "error",
    remedy: "Try again later; https://status.openrouter.ai shows OpenRouter's outages.",
  },
  other: { severity: "error", remedy: "Check the network and OPENROUTER_BASE_URL." },
} as const;

type BaseUrlProblem = keyof typeof baseUrlProblems;

const baseUrl = defineCheck({
  id: "network/base-url",
  title: "The server of OPENROUTER_BASE_URL",
  needsNetwork: true,
  problems: baseUrlProblems,
  run: async ({ api: find, environment }) => {
    const api = await find();
    if (!api) return skipped("OPENROUTER_BASE_URL is not valid.");
    const reply = await api.models();
    if (isModelList(reply)) return ok(`${api.url} answers.`);
    const found = proxyFor(new URL(api.url), environment);
    const failed = found && usesProxy(environment) ? failureOfProxy(reply) : undefined;
    if (found && failed !== undefined) {
      const message = `${api.url} does not answer through the proxy of ${found.name}: ${failed}.`;
      return [{ problem: "proxy", message }];
    }
    return [await explain(api, reply)];
  },
});

const ofConnection: ReadonlySet<string> = new Set<FailureReason>([
  "name-not-found",
  "connection-refused",
  "connection-broken",
  "timeout",
  "other",
]);

/** How a request through a proxy failed; `undefined` if the proxy passed it on. */
function failureOfProxy(reply: Reply): string | undefined {
  if (!reply.failure) return reply.status === 407 ? "HTTP 407" : undefined;
  return ofConnection.has(reply.failure.reason) ? reply.failure.message : undefined;
}

async function explain(api: ApiClient, reply: Reply): Promise<Result<BaseUrlProblem>> {
  const request = `GET ${api.url}/models`;
  if (reply.failure && reply.failure.reason !== "not-json") {
    const { reason: problem, message } = reply.failure;
    return { problem, message: `${api.url} does not answer: ${message}.` };
  }
  const what = reply.failure ? "a page that is not JSON" : `HTTP ${reply.status}`;
  if (!reply.failure && (reply.status >= 500 || reply.status === 429)) {
    return { problem: "server-error", message: `${request} gave ${what}.` };
  }
  if (!reply.failure && reply.status === 403 && reply.body === undefined) {
    return {
      problem: "blocked",
      message: `${request} gave ${what}, with a page that is not JSON.`,
    };
  }
  if (!reply.failure && (reply.status === 401 || reply.status === 403)) {
    return { severity: "note", message: `${request} gave ${what}: the list needs a key.` };
  }
  const other = await api.findApi(otherRoots(api.url));
  const hint = other ? ` The API is at ${other}.` : "";
  return {
    problem: "wrong-path",
    message: `${request} gave ${what}, not a list of models.${hint}`,
  };
}

/** Usual base URLs of an API on the same host. */
function otherRoots(url: string): readonly string[] {
  const { origin } = new URL(url);
  const roots = [`${url}/v1`, `${url}/api/v1`, `${origin}/v1`, `${origin}/api/v1`];
  return [...new Set(roots)].filter((root) => root !== url);
}

/** More than the time of an answer. Daily limits end at midnight UTC, by the server's clock. */
const maxSkewMs = 60_000;

const clock = defineCheck({
  id: "network/clock",
  title: "The clock of this machine",
  needsNetwork: true,
  problems: {
    skewed: {
      severity: "warning",
      remedy:
        "Set the clock, for example by turning on NTP: limits of the day, waits and certificates depend on it.",
    },
  },
  run: async ({ api: find }) => {
    const api = await find();
    const reply = await api?.models();
    if (!reply || reply.failure) return skipped("The server does not answer.");
    const there = Date.parse(reply.headers.get("date") ?? "");
    if (Number.isNaN(there)) return skipped("The server did not return its time.");
    // The header has no fractions of a second, so the server's time is up to one second later.
    const early = reply.sentAt - (there + 1000);
    const late = there - reply.receivedAt;
    const skewMs = Math.max(early, late, 0);
    if (skewMs <= maxSkewMs) return ok("The clock agrees with the server's.");
    const amount = `${Math.round(skewMs / 1000)} seconds ${early > 0 ? "fast" : "slow"}`;
    return [{ problem: "skewed", message: `The clock is ${amount}, compared with the server's.` }];
  },
});

export const networkChecks = [proxy, certificates, baseUrl, clock];
