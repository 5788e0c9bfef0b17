import type { Route } from "../routes/route.ts";
import { artifactRoutes } from "./artifact-routes.ts";
import { bulkRoutes } from "./bulk-routes.ts";
import { decisionRoutes } from "./decision-routes.ts";
import { eventsRoute } from "./events-route.ts";
import { readRoutes } from "./read-routes.ts";
import { startRoutes } from "./start-routes.ts";

export const runRoutes: readonly Route[] = [
  ...startRoutes,
  ...readRoutes,
  eventsRoute,
  ...artifactRoutes,
  ...decisionRoutes,
  ...bulkRoutes,
];
