import {
  escapeControls,
  inspectSettings,
  readCatalog,
  SettingsError,
  type CatalogModel,
} from "@orchestra/core/gateway";
import { isModelList, ApiClient } from "../api/api-client.ts";
import type { Output, CommandContext } from "../command-context.ts";
import { formatCount, formatPrice } from "../terminal/amounts.ts";
import { widthOf, wrapIndented, writeProse } from "../terminal/wrap.ts";

export interface ModelsOptions {
  /** Maximum price of a million tokens of the answer, in US dollars. Models without a price are left out. */
  readonly maxPrice?: number | undefined;
  /** Tokens. */
  readonly minContext?: number | undefined;
  readonly tools?: boolean | undefined;
  readonly structured?: boolean | undefined;
  readonly free?: boolean | undefined;
  readonly parameter?: string | undefined;
  readonly sort: "price" | "context" | "id";
  readonly limit: number;
  readonly json?: boolean | undefined;
}

const timeoutMs = 15_000;

/**
 * Prints the models of the server whose ids contain all words and which fit the options.
 *
 * @throws {SettingsError} for an invalid `OPENROUTER_BASE_URL`
 * @throws {Error} if the server does not answer with a list of models
 */
export async function listModels(
  words: readonly string[],
  options: ModelsOptions,
  { environment, stdout, stderr }: CommandContext,
): Promise<void> {
  const catalog = await loadCatalog(environment);
  const found = [...catalog.values()]
    .filter((model) => fits(model, words, options))
    .toSorted(orders[options.sort]);
  const shown = found.slice(0, options.limit);
  if (options.json) stdout.write(`${JSON.stringify(shown.map(toJson), null, 2)}\n`);
  else for (const model of shown) printModel(model, stdout);
  const count = formatCount(found.length, "model");
  const more = shown.length < found.length ? `; --limit shows more than ${options.limit}` : "";
  writeProse(stderr, `${count} of ${catalog.size}${more}.`);
}

async function loadCatalog(environment: CommandContext["environment"]) {
  const { settings, problems } = inspectSettings({}, environment);
  // Other settings do not matter: the list needs no key.
  const wrong = problems.filter(({ variable }) => variable === "OPENROUTER_BASE_URL");
  if (wrong.length > 0) throw new SettingsError(wrong);
  const api = new ApiClient(settings, timeoutMs);
  const reply = await api.models();
  if (reply.failure) throw new Error(`${api.url} does not answer: ${reply.failure.message}.`);
  if (isModelList(reply)) return readCatalog(reply.body);
  throw new Error(
    `GET ${api.url}/models gave HTTP ${reply.status}, not a list of models. orchestra doctor --only network says more.`,
  );
}

function fits(
  { id, completionUsd, promptUsd, contextLength, supportedParameters }: CatalogModel,
  words: readonly string[],
  { maxPrice, minContext, tools, structured, free, parameter }: ModelsOptions,
): boolean {
  const needed = [
    ...(tools ? ["tools"] : []),
    ...(structured ? ["structured_outputs"] : []),
    ...(parameter ? [parameter] : []),
  ];
  const lower = id.toLowerCase();
  return (
    words.every((word) => lower.includes(word.toLowerCase())) &&
    (maxPrice === undefined || (completionUsd ?? Infinity) * 1e6 <= maxPrice + tolerance) &&
    (minContext === undefined || (contextLength ?? 0) >= minContext) &&
    (!free || (completionUsd === 0 && promptUsd === 0)) &&
    needed.every((name) => supportedParameters?.has(name))
  );
}

/** For rounding errors of the multiplication. */
const tolerance = 1e-9;

type Order = (a: CatalogModel, b: CatalogModel) => number;

const byId: Order = (a, b) => a.id.localeCompare(b.id, "en");

const orders: Readonly<Record<ModelsOptions["sort"], Order>> = {
  id: byId,
  price: (a, b) => priceOf(a) - priceOf(b) || byId(a, b),
  context: (a, b) => (b.contextLength ?? 0) - (a.contextLength ?? 0) || byId(a, b),
};

/** Unknown prices come last. */
function priceOf({ completionUsd = Number.MAX_VALUE }: CatalogModel): number {
  return completionUsd;
}

/** Prints two lines for a model, which fit a narrow terminal. */
function printModel(model: CatalogModel, stdout: Output): void {
  const { id, contextLength, promptUsd, completionUsd, supportedParameters: can } = model;
  const parts = [
    contextLength === undefined
      ? "context unknown"
      : `${contextLength.toLocaleString("en")} tokens`,
    `${formatPrice(promptUsd)} in, ${formatPrice(completionUsd)} out`,
    ...(can?.has("tools") ? ["tools"] : []),
    ...(can?.has("structured_outputs") ? ["structured"] : []),
  ];
  stdout.write(`${escapeControls(id)}\n${wrapIndented(parts.join(", "), widthOf(stdout))}\n`);
}

function toJson({ supportedParameters, promptUsd, completionUsd, ...model }: CatalogModel) {
  return {
    ...model,
    promptUsdPerMillion: perMillion(promptUsd),
    completionUsdPerMillion: perMillion(completionUsd),
    ...(supportedParameters ? { supportedParameters: [...supportedParameters] } : {}),
  };
}

function perMillion(usd: number | undefined): number | undefined {
  return usd === undefined ? undefined : Number((usd * 1e6).toPrecision(10));
}
