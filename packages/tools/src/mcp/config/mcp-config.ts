/** How a server is started or reached: an entry of `mcpServers`, in the format of MCP clients. */
export interface McpServerConfig {
  /** Program to start, such as `npx`. It is searched on the PATH. */
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  /** Variables of the server's environment, in addition to a few safe ones such as PATH and HOME. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Folder in which the program runs. @defaultValue the working folder of this process */
  readonly cwd?: string | undefined;
  /** Address of a server that is reached over HTTP. */
  readonly url?: string | undefined;
  /** Headers of every request to `url`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @defaultValue `stdio` with a `command`; with a `url` HTTP, or SSE where the server supports only that */
  readonly type?: McpTransportName | undefined;
  /** Another name of `type`. */
  readonly transport?: McpTransportName | undefined;
  /** Whether the server is ignored. @defaultValue `false` */
  readonly disabled?: boolean | undefined;
}

export const transportNames = [
  "stdio",
  "http",
  "streamable-http",
  "streamableHttp",
  "streamable_http",
  "sse",
] as const;

export type McpTransportName = (typeof transportNames)[number];

/** Servers by their names. VS Code uses `servers` instead of `mcpServers`. */
export type McpConfig =
  | { readonly mcpServers: Readonly<Record<string, McpServerConfig>> }
  | { readonly servers: Readonly<Record<string, McpServerConfig>> };

/** An entry with its variables replaced, and every field checked. */
export type ResolvedServer = {
  readonly name: string;
  /** Removes the server's secrets and control characters from a text, and cuts it for a message. */
  readonly clean: (text: string) => string;
} & (
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | undefined;
    }
  | {
      /** `any` is HTTP, or SSE if the server refuses HTTP. */
      readonly kind: "http" | "sse" | "any";
      readonly url: URL;
      readonly headers: Readonly<Record<string, string>>;
    }
);
