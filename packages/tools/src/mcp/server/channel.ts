import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { messageOf } from "@orchestra/core/extend";
import type { ResolvedServer } from "../config/mcp-config.ts";
import { httpProblem } from "../http/http-problem.ts";
import { httpTransport } from "../http/http-transport.ts";
import type { ResolvedMcpOptions } from "../options.ts";
import { StdioTransport } from "../stdio/stdio-transport.ts";

/** A connection to one server, with its failures. */
export interface Channel {
  readonly transport: Transport;
  /** The reason why the connection ended. */
  readonly describeEnd: () => string;
  /** Output of the server that may explain its failure; `""` if there is none. */
  readonly describeOutput: () => string;
  /** The meaning of a request's error. */
  readonly explain: (error: unknown) => string;
  /** Whether an end of the server is noticed only in the next request, so that the server must be checked after an error. */
  readonly isRemote: boolean;
}

/** @param onTooLarge - Called when a message is larger than `maxMessageBytes`, if that does not end the transport. */
export function openChannel(
  server: ResolvedServer,
  kind: "stdio" | "http" | "sse",
  { environment, maxMessageBytes }: ResolvedMcpOptions,
  onTooLarge: () => void,
): Channel {
  if (server.kind === "stdio") {
    const transport = new StdioTransport(server, { environment, maxMessageBytes });
    return {
      transport,
      describeEnd: () => transport.describeEnd(),
      describeOutput: () => transport.describeOutput(),
      explain: messageOf,
      isRemote: false,
    };
  }
  return {
    transport: httpTransport(server, kind === "sse" ? "sse" : "http", maxMessageBytes, onTooLarge),
    describeEnd: () => "the connection was closed",
    describeOutput: () => "",
    explain: (error) => httpProblem(error, server.url),
    isRemote: true,
  };
}
