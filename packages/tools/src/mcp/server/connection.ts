import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  ErrorCode,
  McpError,
  ToolListChangedNotificationSchema,
  type CallToolResult,
} from "@modelcontextprotocol/sdk/types.js";
import { waits } from "@orchestra/core/extend";
import type { ResolvedServer } from "../config/mcp-config.ts";
import type { ResolvedMcpOptions } from "../options.ts";
import { openChannel, type Channel } from "./channel.ts";
import { listTools } from "./list-tools.ts";
import type { ListedTools } from "./usable-tools.ts";
import { MessageRate } from "./message-rate.ts";

/** Timeout of a check whether a server is available, in milliseconds. */
const pingTimeoutMs = 5_000;
/** Our own timeouts apply; those of the SDK would only hide which limit was exceeded. */
const noTimeout = 2 ** 31 - 1;

/** Also the code of the SDK's error for a request that it gave up. */
const requestTimeout: number = ErrorCode.RequestTimeout;

const clientInfo = { name: "orchestra", version: "1.0.0" };

/** Results of tools are text for models; schemas of servers are not compiled to code. */
const anyOutput = {
  getValidator: () => (input: unknown) => ({
    valid: true as const,
    data: input as never,
    errorMessage: undefined,
  }),
};

/** The end of a connection, in words: the reason of {@link Connection.ended}. */
export class ConnectionEnd {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** One start of a server, or one session with it: from `initialize` to its end. */
export class Connection {
  readonly #client = new Client(clientInfo, { capabilities: {}, jsonSchemaValidator: anyOutput });
  readonly #channel: Channel;
  readonly #options: ResolvedMcpOptions;
  readonly #ended = new AbortController();
  #isAsking = false;

  /** The phase of the start, for errors. */
  phase: "initialize" | "tools/list" = "initialize";
  /** Called when the server announces that its tools have changed. */
  onToolsChange: (() => void) | undefined;

  constructor(server: ResolvedServer, kind: "stdio" | "http" | "sse", options: ResolvedMcpOptions) {
    this.#options = options;
    const { maxMessageBytes, clock } = options;
    this.#channel = openChannel(server, kind, options, () =>
      this.end(`it sent a message of more than ${maxMessageBytes} bytes (maxMessageBytes)`),
    );
    const rate = new MessageRate(clock);
    Object.assign(this.#channel.transport, {
      onmessage: () => {
        const excess = rate.count();
        if (excess) this.end(excess);
      },
    });
    Object.assign(this.#client, {
      onclose: () => this.#closed(),
      onerror: () => void this.#ask(),
    });
    this.#client.setNotificationHandler(ToolListChangedNotificationSchema, () =>
      this.onToolsChange?.(),
    );
  }

  /** Aborts with a {@link ConnectionEnd} when the server ends, or is ended. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Starts the server, and lists its tools. */
  async start(signal: AbortSignal): Promise<ListedTools> {
    const stop = AbortSignal.any([signal, this.ended]);
    const { transport } = this.#channel;
    await waits.unlessAborted(this.#client.connect(transport, { timeout: noTimeout }), stop);
    this.phase = "tools/list";
    return this.listTools(signal);
  }

  listTools(signal: AbortSignal): Promise<ListedTools> {
    const stop = AbortSignal.any([signal, this.ended]);
    if (!this.#client.getServerCapabilities()?.tools) {
      return Promise.resolve({ tools: [], skipped: [] });
    }
    const { maxTools } = this.#options;
    const list = listTools(this.#client, maxTools, { signal: stop, timeout: noTimeout });
    return waits.unlessAborted(list, stop);
  }

  async callTool(
    name: string,
    args: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<CallToolResult> {
    signal.throwIfAborted();
    // The server gets the reason of an abort, so our own reasons are not passed on.
    const cancel = new AbortController();
    const abort = () => cancel.abort("The call was aborted");
    signal.addEventListener("abort", abort, { once: true });
    try {
      const options = { signal: cancel.signal, timeout: noTimeout };
      const work = this.#client.callTool({ name, arguments: args }, undefined, options);
      const stop = AbortSignal.any([signal, this.ended]);
      return (await waits.unlessAborted(work, stop)) as CallToolResult;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** The meaning of a request's error, and output of the server that may explain it. */
  explain(error: unknown): string {
    if (error instanceof ConnectionEnd) return error.message;
    if (isAnswer(error))
      return `it answered with an error: ${error.message.replace("MCP error ", "")}`;
    return offProtocol(error) ?? this.#channel.explain(error);
  }

  /** Output of the server that may explain its failure; `""` if there is none. */
  describeOutput(): string {
    return this.#channel.describeOutput();
  }

  /** Ends the connection for a reason. */
  end(reason: string): void {
    if (this.ended.aborted) return;
    this.#ended.abort(new ConnectionEnd(reason));
    void this.close();
  }

  /** Resolves when the server's process has ended, or its session. */
  async close(): Promise<void> {
    if (!this.ended.aborted) this.#ended.abort(new ConnectionEnd("it was closed"));
    await this.#channel.transport.close().catch(() => undefined);
  }

  #closed(): void {
    // The SDK closes a transport whose start fails, and throws the reason afterwards.
    if (this.#channel.isRemote && this.phase === "initialize") return;
    this.end(this.#channel.describeEnd());
  }

  /** Checks whether a server behind a network is available, after an error that may mean its end. */
  async #ask(): Promise<void> {
    if (!this.#channel.isRemote || this.#isAsking || this.ended.aborted) return;
    if (this.phase === "initialize") return;
    this.#isAsking = true;
    try {
      await this.#client.ping({ timeout: pingTimeoutMs });
    } catch (error) {
      const isTooLate = error instanceof McpError && error.code === requestTimeout;
      if (isTooLate) this.end(`it did not answer a ping within ${pingTimeoutMs / 1000} s`);
      else if (!isAnswer(error)) this.end(this.explain(error));
    } finally {
      this.#isAsking = false;
    }
  }
}

/** Of an answer that is not as MCP has it, the first field that is wrong. */
function offProtocol(error: unknown): string | undefined {
  const { issues } = error as {
    readonly issues?: readonly {
      readonly path: readonly PropertyKey[];
      readonly message: string;
    }[];
  };
  const [issue] = Array.isArray(issues) ? issues : [];
  if (!issue) return undefined;
  const where = issue.path.map(String).join(".");
  return `its answer does not follow MCP: ${where === "" ? "" : `${where}: `}${issue.message}`;
}

/** Whether the server answered with an error. Its errors may have the codes of the SDK's own. */
export function isAnswer(error: unknown): error is McpError {
  return error instanceof McpError && !error.message.endsWith(": Connection closed");
}
