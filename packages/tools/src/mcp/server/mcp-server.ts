import type { CallToolResult, Tool } from "@modelcontextprotocol/sdk/types.js";
import { quoted, waits } from "@orchestra/core/extend";
import type { ResolvedServer } from "../config/mcp-config.ts";
import type { ToolChange } from "../mcp-event.ts";
import { McpServerError, type McpErrorReason } from "../mcp-server-error.ts";
import type { ResolvedMcpOptions } from "../options.ts";
import { changesOf, pinTools, type ServerPins } from "../pins/pins.ts";
import { Connection, ConnectionEnd, isAnswer } from "./connection.ts";
import type { ListedTools } from "./usable-tools.ts";

/** A server that ran for this time counts as restored, in milliseconds. */
const stableMs = 60_000;

/** A server of the config: starts it, calls its tools, and restarts it when it ends. */
export class McpServer {
  readonly name: string;
  /** Cleans a text of the server for an error or an event. */
  readonly clean: (text: string) => string;
  /** Its tools at the first start. Models get these, although the server may list others later. */
  tools: readonly Tool[] = [];

  readonly #server: ResolvedServer;
  readonly #options: ResolvedMcpOptions;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #pins: ServerPins = {};
  /** Tools that have changed since models got their descriptions. */
  #changed: ReadonlyMap<string, ToolChange> = new Map();
  #startedAt = 0;
  #restarts = 0;
  #restartAt: number | undefined;
  #cancelRestart: (() => void) | undefined;
  #restart: Promise<void> = Promise.resolve();
  /** Whether the last start failed because the server refuses this kind of request. */
  #isRefused = false;
  #isComparing = false;
  #isCompareDue = false;
  /** The reason why it is down. */
  #problem = "";

  constructor(server: ResolvedServer, options: ResolvedMcpOptions) {
    this.name = server.name;
    this.clean = server.clean;
    this.#server = server;
    this.#options = options;
  }

  /** @throws {McpServerError} with the reason `start_failed` */
  async start(signal: AbortSignal): Promise<void> {
    const [connection, { tools, skipped }] = await this.#connect(signal);
    if (tools.length === 0) {
      await connection.close();
      const [first] = skipped;
      const text = first
        ? `has no tools that can be used: ${this.#describe(first.tool)} is left out, as ${this.clean(first.problem)}`
        : "has no tools: leave it out, or correct its arguments";
      throw this.#error("start_failed", text);
    }
    for (const { tool, problem } of skipped) this.skip(tool, problem);
    this.tools = tools;
    this.#pins = pinTools(tools);
    this.#use(connection);
    this.#options.onEvent({
      type: "server-start",
      server: this.name,
      tools: tools.length,
      restarts: 0,
    });
  }

  /**
   * Calls a tool, once: only the caller knows whether repeating the call is safe.
   *
   * @throws {McpServerError}; the signal's reason, if that aborts
   */
  async call(
    tool: string,
    args: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<CallToolResult> {
    signal?.throwIfAborted();
    const connection = this.#available(tool);
    const { clock, callTimeoutMs } = this.#options;
    const deadline = new AbortController();
    const cancel = clock.after(callTimeoutMs, () => deadline.abort());
    try {
      const stop = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
      return await connection.callTool(tool, args, stop);
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.signal.aborted) {
        const text = `did not answer the call of ${quoted(tool)} within ${callTimeoutMs / 1000} s (callTimeoutMs)`;
        throw this.#error("call_timeout", text, { tool });
      }
      throw this.#callError(error, tool, connection);
    } finally {
      cancel();
    }
  }

  /** Reports that a tool is ignored. */
  skip(tool: string, problem: string): void {
    this.#options.onEvent({
      type: "tool-skip",
      server: this.name,
      tool: this.clean(tool),
      message: `The MCP server ${quoted(this.name)}: ${this.#describe(tool)} is left out, as ${this.clean(problem)}`,
    });
  }

  /** Reports that models get another name for a tool. */
  rename(tool: string, name: string): void {
    this.#options.onEvent({
      type: "tool-rename",
      server: this.name,
      tool: this.clean(tool),
      name,
      message: `The MCP server ${quoted(this.name)}: ${this.#describe(tool)} is named ${quoted(name)}, as names have at most 64 letters, digits, _ and -, and no two tools may share one`,
    });
  }

  #describe(tool: string): string {
    return tool === "" ? "a tool" : `the tool ${quoted(this.clean(tool))}`;
  }

  /** Ends the server. Resolves when its process has ended. Waiting calls fail. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(this.#error("closed", "was closed"));
    this.#cancelRestart?.();
    await Promise.all([this.#connection?.close(), this.#restart]);
  }

  #available(tool: string): Connection {
    if (this.#closing.signal.aborted) throw this.#error("closed", "was closed", { tool });
    const change = this.#changed.get(tool);
    if (change) {
      const text = `has changed its tool ${quoted(tool)} (${change.changed.join(", ")}) since it was opened; it is not called`;
      throw this.#error("tools_changed", text, { tool });
    }
    if (!this.#connection) throw this.#down(tool);
    return this.#connection;
  }

  #down(tool: string): McpServerError {
    const { clock } = this.#options;
    const waitMs = this.#restartAt === undefined ? undefined : this.#restartAt - clock.now();
    const next =
      waitMs === undefined
        ? "It is not restarted"
        : `It is restarted${waitMs > 1000 ? ` in ${Math.ceil(waitMs / 1000)} s` : " now"}; the call can be tried again then`;
    return this.#error("server_down", `is down: ${this.#problem}. ${next}`, { tool });
  }

  #callError(error: unknown, tool: string, connection: Connection): McpServerError {
    if (this.#closing.signal.aborted) return this.#error("closed", "was closed", { tool });
    if (error instanceof ConnectionEnd) return this.#down(tool);
    const reason = isAnswer(error) ? "tool_failed" : "server_down";
    const text = `failed to answer the call of ${quoted(tool)}: ${this.clean(connection.explain(error))}`;
    return this.#error(reason, text, { tool });
  }

  #error(
    reason: McpErrorReason,
    text: string,
    details: { readonly tool?: string } = {},
  ): McpServerError {
    const message = `The MCP server ${quoted(this.name)} ${text}`;
    return new McpServerError(message, { reason, server: this.name, ...details });
  }

  async #connect(signal: AbortSignal): Promise<readonly [Connection, ListedTools]> {
    const { kind } = this.#server;
    if (kind !== "any") return this.#connectBy(kind, signal);
    try {
      return await this.#connectBy("http", signal);
    } catch (error) {
      // An older server refuses the first request of the newer transport.
      if (!this.#isRefused) throw error;
      return this.#connectBy("sse", signal).catch((ofOlder: unknown) => {
        throw this.#isRefused ? error : ofOlder;
      });
    }
  }

  async #connectBy(
    kind: "stdio" | "http" | "sse",
    signal: AbortSignal,
  ): Promise<readonly [Connection, ListedTools]> {
    const { clock, startTimeoutMs } = this.#options;
    this.#isRefused = false;
    const connection = new Connection(this.#server, kind, this.#options);
    const deadline = new AbortController();
    const cancel = clock.after(startTimeoutMs, () => {
      const text = `it did not answer ${connection.phase} within ${startTimeoutMs / 1000} s (startTimeoutMs)`;
      deadline.abort(new ConnectionEnd(text));
    });
    const stop = AbortSignal.any([signal, this.#closing.signal, deadline.signal]);
    try {
      return [connection, await connection.start(stop)];
    } catch (error) {
      await connection.close();
      signal.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      const output = connection.describeOutput();
      const text = this.clean(`${connection.explain(error)}${output && `.\n${output}`}`);
      this.#isRefused = isRefusal(error);
      throw this.#error("start_failed", `did not start: ${text}`);
    } finally {
      cancel();
    }
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    this.#startedAt = this.#options.clock.now();
    connection.onToolsChange = () => void this.#compareAgain(connection);
    const end = () => this.#ended(connection);
    if (connection.ended.aborted) end();
    else connection.ended.addEventListener("abort", end, { once: true });
  }

  #ended(connection: Connection): void {
    if (this.#closing.signal.aborted || this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.#options.clock.now() - this.#startedAt >= stableMs) this.#restarts = 0;
    const output = connection.describeOutput();
    const { message } = connection.ended.reason as ConnectionEnd;
    this.#restart = connection.close();
    this.#planRestart(this.clean(`${message}${output && `.\n${output}`}`));
  }

  #planRestart(problem: string): void {
    const { clock, random, maxRestarts, restartDelayMs, maxRestartDelayMs, onEvent } =
      this.#options;
    this.#problem = problem;
    const server = this.name;
    if (this.#restarts >= maxRestarts) {
      this.#restartAt = undefined;
      const message = `The MCP server ${quoted(server)} is not restarted after ${maxRestarts} restarts (maxRestarts): ${problem}`;
      onEvent({ type: "server-failure", server, message });
      return;
    }
    this.#restarts += 1;
    const policy = {
      initialIntervalMs: restartDelayMs,
      maxIntervalMs: maxRestartDelayMs,
      backoffFactor: 2,
    };
    const restartInMs = waits.backoff(policy, this.#restarts, random);
    this.#restartAt = clock.now() + restartInMs;
    const before = this.#restart;
    const again = () => {
      this.#restart = before.then(() => this.#startAgain());
    };
    this.#cancelRestart = clock.after(restartInMs, again, true);
    const message = `The MCP server ${quoted(server)} is down: ${problem}`;
    onEvent({ type: "server-end", server, message, restartInMs });
  }

  async #startAgain(): Promise<void> {
    try {
      const [connection, { tools }] = await this.#connect(this.#closing.signal);
      if (this.#closing.signal.aborted) return await connection.close();
      this.#use(connection);
      this.#compare(tools);
      this.#options.onEvent({
        type: "server-start",
        server: this.name,
        tools: tools.length,
        restarts: this.#restarts,
      });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#planRestart((error as Error).message);
    }
  }

  /** Called after the server announced changed tools, which it may do at any rate. */
  async #compareAgain(connection: Connection): Promise<void> {
    this.#isCompareDue = true;
    if (this.#isComparing) return;
    this.#isComparing = true;
    try {
      while (this.#isCompareDue) {
        this.#isCompareDue = false;
        const limit = AbortSignal.timeout(this.#options.callTimeoutMs);
        const { tools } = await connection.listTools(limit);
        this.#compare(tools);
      }
    } catch {
      // An end of the server is noticed elsewhere; a list that cannot be read changes no tool.
    } finally {
      this.#isComparing = false;
    }
  }

  #compare(tools: readonly Tool[]): void {
    const changes = changesOf(this.#pins, tools);
    this.#changed = new Map(changes.map((change) => [change.tool, change]));
    if (changes.length === 0) return;
    const shown = changes.map((change) => ({ ...change, tool: this.clean(change.tool) }));
    this.#options.onEvent({ type: "tools-change", server: this.name, changes: shown });
  }
}

/** Whether an error is an HTTP status by which a server refuses a kind of request. */
function isRefusal(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "number" && code >= 400 && code < 500 && code !== 401 && code !== 403;
}
