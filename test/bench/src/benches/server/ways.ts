import { startGateway } from "@orchestra/test-e2e/gateway";
import { startChild } from "../../servers/child.ts";
import type { OrchestraServerOptions } from "../../servers/orchestra-server.ts";
import type { PassThroughOptions } from "../../servers/pass-through.ts";
import { key } from "../environments.ts";
import { wayTo, type Way, type WayAddress } from "./way.ts";

/** The ways to call the same models. Each server is a separate process. */
export interface Ways extends AsyncDisposable {
  readonly direct: Way;
  /** The least that a server can do. */
  readonly passThrough: Way;
  /** With keys, roles and the ledger. */
  readonly orchestra: Way;
  /** With limits, budgets and the log too. */
  readonly everythingOn: Way;
  readonly portkey: Way;
}

export async function openWays(
  modelsUrl: string,
  { connections }: { readonly connections: number },
): Promise<Ways> {
  await using opening = new AsyncDisposableStack();
  const start = async (hasEverythingOn: boolean) => {
    const options: OrchestraServerOptions = { baseUrl: modelsUrl, key, hasEverythingOn };
    return opening.use(await startChild<WayAddress>("orchestra-server.ts", options)).address;
  };
  const passOn: PassThroughOptions = { baseUrl: modelsUrl };
  const passThrough = opening.use(await startChild<WayAddress>("pass-through.ts", passOn)).address;
  const orchestra = await start(false);
  const everythingOn = await start(true);
  const gateway = opening.use(await startGateway());
  const headers = { "x-portkey-provider": "openai", "x-portkey-custom-host": modelsUrl };
  const to = (name: string, address: WayAddress) =>
    opening.use(wayTo({ name, address, connections }));
  const ways = {
    direct: to("no server between", { url: modelsUrl }),
    passThrough: to("Node.js alone", passThrough),
    orchestra: to("Orchestra", orchestra),
    everythingOn: to("Orchestra, everything on", everythingOn),
    portkey: to("Portkey's gateway", { url: gateway.url, pid: gateway.pid, headers }),
  };
  const open = opening.move();
  return { ...ways, [Symbol.asyncDispose]: () => open.disposeAsync() };
}
