import type { Runtime } from "@orchestra/runtime";
import { invalidRequest } from "../errors/api-error.ts";
import type { ServerContext } from "../server-context.ts";

/** @throws {ApiError} if the server was started without runs */
export function requireRuntime({ runtime }: Pick<ServerContext, "runtime">): Runtime {
  if (runtime) return runtime;
  throw invalidRequest(
    "This server has no runs. Start it with pipelines: orchestra serve in a folder with an orchestra.config.ts, or serve({ runtime }).",
    { status: 404, code: "no_runs" },
  );
}
