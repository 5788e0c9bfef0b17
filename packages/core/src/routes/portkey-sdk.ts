import { createRequire } from "node:module";
import type * as sdk from "portkey-ai";

let loaded: Pick<typeof sdk, "createHeaders" | "PORTKEY_GATEWAY_URL"> | undefined;

/**
 * The headers that tell Portkey's gateway what to do with a request, made by portkey-ai.
 *
 * @param config - In camel case, as portkey-ai takes it; what is empty is left out.
 */
export function portkeyHeaders(
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return portkeySdk().createHeaders(config);
}

/** The address of Portkey's hosted gateway, as portkey-ai has it. */
export function portkeyGatewayUrl(): string {
  return portkeySdk().PORTKEY_GATEWAY_URL;
}

/** Loaded with the first route through Portkey, synchronously: portkey-ai is CommonJS. */
function portkeySdk(): NonNullable<typeof loaded> {
  return (loaded ??= createRequire(import.meta.url)("portkey-ai") as NonNullable<typeof loaded>);
}
