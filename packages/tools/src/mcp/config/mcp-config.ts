/** How a server is started or reached: an entry of `mcpServers`, as MCP clients write it. */
export interface McpServerConfig {
  /** Program to start, such as `npx`. It is looked for on the PATH. */
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  /** Variables of the server's environment, beside a few safe ones such as PATH and HOME. */
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
  /** Leaves the server out. @defaultValue `false` */
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

/** Servers by their names. VS Code writes `servers` in place of `mcpServers`. */
export type McpConfig =
  | { readonly mcpServers: Readonly<Record<string, McpServerConfig>> }
  | { readonly servers: Readonly<Record<string, McpServerConfig>> };

/** An entry with its variables expanded, and every field checked. */
export type ResolvedServer = {
  readonly name: string;
  /** Takes the server's secrets and control characters out of a text, and cuts it to one that a message takes. */
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
      /** `any` is HTTP, or SSE where the server refuses that. */
      readonly kind: "http" | "sse" | "any";
      readonly url: URL;
      readonly headers: Readonly<Record<string, string>>;
    }
);
