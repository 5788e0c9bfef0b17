/** A server of Orchestra in a separate process, as `orchestra serve` starts it. */
import { Gateway } from "@orchestra/core/gateway";
import { serve } from "@orchestra/server";
import {
  environmentFor,
  environmentWithEverythingOn,
  logToNowhere,
} from "../benches/environments.ts";
import { optionsFromParent, serveParent } from "./child.ts";

/** What a server of the bench is started with. */
export interface OrchestraServerOptions {
  /** Where the models are. */
  readonly baseUrl: string;
  readonly key: string;
  /** Limits, budgets and the log, in addition to keys and routing. */
  readonly hasEverythingOn: boolean;
}

const { baseUrl, key, hasEverythingOn } = optionsFromParent() as OrchestraServerOptions;
const orchestra = hasEverythingOn
  ? new Gateway({
      environment: environmentWithEverythingOn(baseUrl),
      logger: logToNowhere().logger,
    })
  : new Gateway({ environment: environmentFor(baseUrl) });
const { url } = await serve({ orchestra, environment: {}, port: 0, keys: [key] });
serveParent({ url, pid: process.pid }, () => undefined);
