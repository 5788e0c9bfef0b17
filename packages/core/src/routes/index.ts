export { Catalog, findModel, readCatalog, type CatalogModel } from "./catalog.ts";
export { documentRequest, documentRoute, type DocumentRouteOptions } from "./document-route.ts";
export { canFallBackTo, type FallbackRules } from "./fallback-rules.ts";
export { OpenRouterApi, type ApiAnswer, type OpenRouterApiOptions } from "./openrouter-api.ts";
export { nearestModels } from "./nearest-models.ts";
export { openRouterRoute, type RouteOptions } from "./openrouter.ts";
export { portkeyFallback, portkeyGatewayRoute, portkeyPrimary } from "./portkey.ts";
export { orderByWeight, type ModelInfo, type Route } from "./route.ts";
