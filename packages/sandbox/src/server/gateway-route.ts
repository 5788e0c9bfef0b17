import type { IncomingHttpHeaders } from "node:http";
import { EXTRACTIVE_MODEL, findModel } from "../catalog/catalog.ts";
import { authorOf, type Model } from "../catalog/model.ts";
import { refusalBody, type Refusal } from "../faults/refusal.ts";
import { isJsonObject, type ChatRequest, type JsonObject } from "../wire/chat-request.ts";
import type { Candidate } from "./candidates.ts";
import type { Route } from "./route.ts";

/** A provider to call, from the gateway's headers or a target of its configuration. */
interface Target {
  readonly provider?: string;
  readonly model?: string;
}

/** The route of a Portkey gateway, `/v1/chat/completions`. */
export const gatewayRoute: Route = {
  name: "gateway",
  candidates(request, headers) {
    const targets = targetsOf(headers);
    if (!Array.isArray(targets)) return targets;
    const candidates = targets.flatMap((target) => candidateOf(target, request));
    return candidates.length > 0
      ? candidates
      : failure("Either x-portkey-config or x-portkey-provider header is required");
  },
  formatRefusal: (refusal, { provider, format }) => ({
    ...refusal,
    body: refusal.body ?? {
      error: {
        message:
          format === "openrouter"
            ? `Invalid response received from openrouter: ${JSON.stringify(refusalBody(refusal))}`
            : `${provider} error: ${refusal.message}`,
        type: null,
        param: null,
        code: null,
      },
      provider,
    },
  }),
  headers: ({ provider }, index) => ({
    "x-portkey-provider": provider,
    "x-portkey-retry-attempt-count": "0",
    "x-portkey-last-used-option-index": `config.targets[${index}]`,
    "x-portkey-cache-status": "DISABLED",
  }),
};

function targetsOf(headers: IncomingHttpHeaders): Target[] | Refusal {
  const base = targetFrom({
    provider: headers["x-portkey-provider"],
    virtual_key: headers["x-portkey-virtual-key"],
  });
  const config = headers["x-portkey-config"];
  if (typeof config !== "string" || config.startsWith("pc-")) return [base];
  try {
    const parsed: unknown = JSON.parse(config);
    if (isJsonObject(parsed)) return targetsOfConfig(parsed, base);
  } catch {
    // Handled below, like everything else that is not a configuration.
  }
  return failure("Invalid config passed. You need to pass a valid json");
}

function targetsOfConfig(config: JsonObject, inherited: Target): Target[] {
  const own = { ...inherited, ...targetFrom(config) };
  if (!Array.isArray(config.targets)) return [own];
  const targets = config.targets
    .filter(isJsonObject)
    .flatMap((target) => targetsOfConfig(target, own));
  const isFallback = isJsonObject(config.strategy) && config.strategy.mode === "fallback";
  return isFallback ? targets : targets.slice(0, 1);
}

function targetFrom(source: JsonObject): Target {
  const provider = source.provider ?? source.virtual_key;
  const model = isJsonObject(source.override_params) ? source.override_params.model : undefined;
  return {
    ...(typeof provider === "string" && { provider: provider.replace(/^@/, "") }),
    ...(typeof model === "string" && { model }),
  };
}

function candidateOf(target: Target, request: ChatRequest): Candidate[] {
  const asked = target.model ?? request.models[0] ?? "";
  const slug = /^@([^/]+)\/(.+)$/.exec(asked);
  const provider = slug?.[1] ?? target.provider ?? (authorOf(asked) || undefined);
  if (provider === undefined) return [];
  const name = slug?.[2] ?? asked;
  const isOpenRouter = provider === "openrouter" || provider.startsWith("openrouter-");
  return [
    {
      asked,
      model: modelOf(name, provider),
      answersAs: name,
      provider,
      format: isOpenRouter ? "openrouter" : "openai",
    },
  ];
}

/** Providers have more models than the catalogue, so any name is accepted. */
function modelOf(name: string, provider: string): Model {
  const author = provider.replace(/-(?:prod|dev|test|main)$/, "");
  return (
    findModel(`${author}/${name}`) ?? findModel(name) ?? { ...EXTRACTIVE_MODEL, id: name, name }
  );
}

function failure(message: string): Refusal {
  return { status: 400, message, body: { status: "failure", message } };
}
