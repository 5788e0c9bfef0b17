import type * as sdk from "portkey-ai";

let loaded: Pick<typeof sdk, "createHeaders" | "PORTKEY_GATEWAY_URL"> | undefined;

/**
 * The headers that configure Portkey's gateway for a request, made by portkey-ai.
 *
 * @param config - In camel case, as portkey-ai takes it; what is empty is left out. Ids and models may
 * have any characters; headers are ASCII.
 */
export function portkeyHeaders(
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const headers = portkeySdk().createHeaders(config);
  for (const [name, value] of Object.entries(headers)) {
    if (!ascii.test(value)) headers[name] = inAscii(value);
  }
  return headers;
}

const ascii = /^[\x20-\x7e]*$/;

/** A text as a header has it: JSON with its own escapes, another text URL-encoded. */
function inAscii(text: string): string {
  const isJson = text.startsWith("{");
  return text
    .toWellFormed()
    .replaceAll(/[^\x20-\x7e]/gu, (character) =>
      isJson ? escapesOf(character) : encodeURIComponent(character),
    );
}

function escapesOf(character: string): string {
  return character
    .split("")
    .map((unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/** The address of Portkey's hosted gateway, as portkey-ai has it. */
export function portkeyGatewayUrl(): string {
  return portkeySdk().PORTKEY_GATEWAY_URL;
}

/** Loaded with the first route through Portkey, synchronously: portkey-ai is CommonJS. */
function portkeySdk(): NonNullable<typeof loaded> {
  return (loaded ??= process.getBuiltinModule("node:module").createRequire(import.meta.url)(
    "portkey-ai",
  ) as NonNullable<typeof loaded>);
}
