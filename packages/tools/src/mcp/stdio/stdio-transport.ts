import type { ChildProcess, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { JSONRPCMessageSchema, type JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { quoted, systemClock, waits } from "@orchestra/core/extend";
import spawn from "cross-spawn";
import type { ResolvedServer } from "../config/mcp-config.ts";
import { LineReader } from "./line-reader.ts";
import { endGroup, guardGroup, leadsGroup } from "./process-groups.ts";
import { serverEnvironment } from "./safe-environment.ts";
import { TextTail } from "./text-tail.ts";

/** Maximum time for a server to end after its input ends, and again after SIGTERM, in milliseconds. */
const graceMs = 1_000;
/** Maximum time for its child processes after its own end, in milliseconds. */
const orphanGraceMs = 200;
/** Maximum time to read a server's last output after its end, in milliseconds. */
const drainMs = 200;

export type StdioServer = Extract<ResolvedServer, { kind: "stdio" }>;

export interface StdioOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly maxMessageBytes: number;
}

/**
 * A server that is a child process: one JSON-RPC message a line, on its standard input and output.
 *
 * The SDK's own transport does not start a process group, with which its children end,
 * does not report an exit code, and reads standard error without a limit.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #server: StdioServer;
  readonly #options: StdioOptions;
  readonly #stderr = new TextTail();
  #process: ChildProcess | undefined;
  #stdin: Writable | undefined;
  #exited: Promise<void> = Promise.resolve();
  #isClosed = false;
  #finished: Promise<void> | undefined;
  /** The reason why it ended, if that is known. */
  #end: string | undefined;
  /** The first line that was not a message, and the number and bytes of such lines since the last message. */
  #strayLine: string | undefined;
  #strayBytes = 0;
  #strayLines = 0;
  /** Whether its output is read. */
  #isReading = true;

  constructor(server: StdioServer, options: StdioOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** The reason why the server ended. */
  describeEnd(): string {
    return this.#end ?? "it was closed";
  }

  /** Output of the server that may explain its failure; `""` if there is none. */
  describeOutput(): string {
    const { text } = this.#stderr;
    const stray =
      this.#strayLine !== undefined &&
      `Its standard output has lines that are not MCP messages, the first: ${quoted(this.#strayLine)}`;
    const errors =
      text !== "" && `Its last lines on standard error:\n${text.replaceAll(/^/gm, "  ")}`;
    return [stray, errors].filter(Boolean).join("\n");
  }

  async start(): Promise<void> {
    const { command, args, env, cwd } = this.#server;
    await checkFolder(cwd);
    const child = spawnChild(command, args, {
      ...leadsGroup,
      cwd,
      env: serverEnvironment(this.#options.environment, env),
      stdio: ["pipe", "pipe", "pipe"],
    });
    const exited = Promise.withResolvers<void>();
    this.#exited = exited.promise;
    child.once("exit", (code, signal) => {
      this.#end ??= signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`;
      exited.resolve();
      void this.#finish();
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once("error", (error) => {
      exited.resolve();
      reject(new Error(startProblem(error, command)));
    });
    child.once("spawn", resolve);
    // Idle servers do not keep the program alive; a waiting start or call does, by its timer.
    child.unref();
    for (const stream of child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
    this.#process = child;
    this.#stdin = child.stdin ?? undefined;
    this.#stdin?.on("error", () => undefined);
    child.stderr?.on("data", (chunk: Buffer) => this.#stderr.add(chunk));
    this.#read(child.stdout);
    await promise;
    if (child.pid !== undefined) guardGroup(child.pid);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const { maxMessageBytes } = this.#options;
    if (!this.#stdin?.writable) throw new Error(this.describeEnd());
    if (this.#stdin.writableLength > maxMessageBytes) {
      this.#stop(
        `it does not read its standard input: more than ${maxMessageBytes} bytes wait (maxMessageBytes)`,
      );
      return;
    }
    this.#stdin.write(serializeMessage(message));
  }

  /** Ends the process and all processes that it started. Resolves when they have ended. */
  async close(): Promise<void> {
    this.#stdin?.end();
    await waits.within(systemClock, graceMs, this.#exited);
    await this.#finish();
  }

  #read(stdout: Readable | null): void {
    const { maxMessageBytes } = this.#options;
    const lines = new LineReader(maxMessageBytes, (line) => this.#receive(line));
    stdout?.on("data", (chunk: Buffer) => {
      if (!this.#isReading || lines.read(chunk)) return;
      this.#stop(`it sent a message of more than ${maxMessageBytes} bytes (maxMessageBytes)`);
    });
  }

  #receive(line: string): void {
    if (!this.#isReading || line.trim() === "") return;
    const message = parseMessage(line);
    if (message) {
      this.#strayBytes = 0;
      this.#strayLines = 0;
      this.onmessage?.(message);
      return;
    }
    // Many servers log to standard output by mistake: a few such lines do not end the connection.
    this.#strayLine ??= line.slice(0, 200);
    this.#strayBytes += line.length;
    this.#strayLines += 1;
    if (this.#strayBytes <= maxStrayBytes && this.#strayLines <= maxStrayLines) return;
    this.#stop("it does not speak MCP");
  }

  /** Ends a misbehaving server. */
  #stop(reason: string): void {
    this.#end ??= reason;
    this.#isReading = false;
    void this.#finish();
  }

  /** Reports the end, and ends the remaining processes of the server. */
  #finish(): Promise<void> {
    this.#finished ??= this.#endAll(this.#process);
    return this.#finished;
  }

  async #endAll(child: ChildProcess | undefined): Promise<void> {
    if (child?.pid !== undefined) {
      const closed = once(child, "close");
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      const ended = endGroup(child.pid, hasEnded ? orphanGraceMs : graceMs);
      // Its last output may be an answer. A child that still runs may keep its output open.
      await waits.within(systemClock, drainMs, closed);
      this.#reportEnd();
      await ended;
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    this.#reportEnd();
  }

  #reportEnd(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onclose?.();
  }
}

/** Maximum lines without a message in a row, and their bytes. */
const maxStrayLines = 1_000;
const maxStrayBytes = 100_000;

function parseMessage(line: string): JSONRPCMessage | undefined {
  try {
    return JSONRPCMessageSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

async function checkFolder(cwd: string | undefined): Promise<void> {
  if (cwd === undefined) return;
  const stats = await stat(cwd).catch(() => undefined);
  if (!stats?.isDirectory()) throw new Error(`cwd names no folder: ${quoted(cwd)}`);
}

function spawnChild(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(command, [...args], options);
  } catch (error) {
    // oxlint-disable-next-line preserve-caught-error -- the cause may show a secret
    throw new Error(startProblem(error as NodeJS.ErrnoException, command));
  }
}

function startProblem({ code, message }: NodeJS.ErrnoException, command: string): string {
  const shown = quoted(command);
  if (code === "ENOENT") {
    const advice = /\s/.test(command.trim())
      ? "; arguments belong into args, one by one"
      : ": install it, or give its full path";
    return `command ${shown} is not found on the PATH${advice}`;
  }
  if (code === "EACCES")
    return `command ${shown} cannot be executed: it is not a program, or it is a folder`;
  // The error of Node.js contains the value of a refused argument or variable, which may be a secret.
  const problem = code?.startsWith("ERR_")
    ? `Node.js refused a value of its config (${code})`
    : message;
  return `command ${shown} cannot be started: ${problem}`;
}
