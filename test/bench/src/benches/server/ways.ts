import { startGateway } from "@orchestra/test-e2e/gateway";
import { startChild } from "../../servers/child.ts";
import type { OrchestraServerOptions } from "../../servers/orchestra-server.ts";
import { key } from "../clients.ts";
import { wayTo, type Way } from "./way.ts";

/** The ways to the same models, each server in a process of its own. */
export interface Ways extends AsyncDisposable {
  readonly direct: Way;
  /** With keys, roles and the ledger. */
  readonly orchestra: Way;
  /** With limits, budgets and the log too. */
  readonly everythingOn: Way;
  readonly portkey: Way;
  /** Base URL of Orchestra's server. */
  readonly orchestraUrl: string;
}

export async function openWays(
  modelsUrl: string,
  { connections }: { readonly connections: number },
): Promise<Ways> {
  await using opening = new AsyncDisposableStack();
  const start = async (hasEverythingOn: boolean) => {
    const options: OrchestraServerOptions = { baseUrl: modelsUrl, key, hasEverythingOn };
    const server = opening.use(await startChild<{ url: string }>("orchestra-server.ts", options));
    return server.address.url;
  };
  const orchestraUrl = await start(false);
  const everythingOnUrl = await start(true);
  const gateway = opening.use(await startGateway());
  const headers = { "x-portkey-provider": "openai", "x-portkey-custom-host": modelsUrl };
  const to = (name: string, url: string, more = {}) =>
    opening.use(wayTo({ name, url, connections, ...more }));
  const ways = {
    direct: to("no server between", modelsUrl),
    orchestra: to("Orchestra", orchestraUrl),
    everythingOn: to("Orchestra, everything on", everythingOnUrl),
    portkey: to("Portkey's gateway", gateway.url, { headers }),
  };
  const open = opening.move();
  return { ...ways, orchestraUrl, [Symbol.asyncDispose]: () => open.disposeAsync() };
}
