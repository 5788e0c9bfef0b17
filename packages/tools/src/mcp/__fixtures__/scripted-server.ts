import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/*
 * An MCP server that follows its arguments, without the SDK: it starts fast, and can misbehave.
 * Its lines are JSON-RPC on standard input and output.
 */

/** The instructions of a test. */
export interface Script {
  readonly behavior?:
    | "silent"
    | "exit"
    | "junk"
    | "junk-flood"
    | "message-flood"
    | "byte-flood"
    | "stderr-flood"
    | "refuse"
    | "no-tools"
    | "endless-pages"
    | "twice"
    | "schema-bomb"
    | "odd-tools"
    | "only-odd-tools"
    | "list-off-protocol"
    | "answer-off-protocol"
    | "stubborn";
  /** File that receives the ids of the server's process and of its child's, a line each. */
  readonly pids?: string;
  /** Whether it starts a child that ignores SIGTERM. */
  readonly child?: boolean;
  /** File with the description of its first tool; read at each list. */
  readonly description?: string;
  /** File whose content, if any, ends the server: it writes it to standard error and exits. */
  readonly stderr?: string;
}

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown> };
}

const script = JSON.parse(process.argv[2] ?? "{}") as Script;
const { behavior } = script;

const write = (text: string) => process.stdout.write(text);
const send = (message: object) => write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const notify = () => send({ method: "notifications/message", params: { level: "info", data: "x" } });

function forever(work: () => void): void {
  work();
  setImmediate(() => forever(work));
}

function repeat(text: string): void {
  const more = () => {
    while (process.stdout.write(text)) if (process.stdout.writableLength > 2 ** 20) break;
    process.stdout.once("drain", more);
  };
  more();
}

const object = { type: "object" as const };

function tools(): object[] {
  const { description } = script;
  const text = description === undefined ? "Repeats a text" : readFileSync(description, "utf8");
  return [
    {
      name: "echo",
      description: text,
      inputSchema: { ...object, properties: { text: { type: "string" } }, required: ["text"] },
    },
    { name: "wait", description: "Never answers", inputSchema: object },
    { name: "crash", description: "Ends the server", inputSchema: object },
    { name: "env", description: "Its environment", inputSchema: object },
    { name: "fail", description: "Fails", inputSchema: object },
    { name: "refuse", description: "Answers with an error of the protocol", inputSchema: object },
    { name: "large", description: "A result of 2 MB", inputSchema: object },
    { name: "change", description: "Says that the tools have changed", inputSchema: object },
  ];
}

const oddSchema = (inputSchema: unknown, name: string) => ({ name, inputSchema });

/** Tools as no server should list them, and some that are only unusual. */
function oddTools(): unknown[] {
  const age = { type: "number", minimum: 0, exclusiveMinimum: true };
  return [
    null,
    "tool",
    { inputSchema: object },
    { name: 7, inputSchema: object },
    { name: "", inputSchema: object },
    { name: "no-schema", description: "Has none" },
    oddSchema(null, "null-schema"),
    oddSchema("string", "text-schema"),
    oddSchema([], "list-schema"),
    oddSchema({ type: "array", items: {} }, "takes-list"),
    oddSchema({ ...object, properties: { age } }, "draft-04"),
    oddSchema({ ...object, properties: { a: { type: "any" } } }, "bad-type"),
    oddSchema({ ...object, properties: { a: { type: "string", required: true } } }, "draft-03"),
    oddSchema({ ...object, $defs: { a: { type: 7 } } }, "bad-definition"),
    oddSchema({ ...object, properties: { a: { $ref: "#/$defs/a" } } }, "dangling"),
    oddSchema({ ...object, $defs: {}, properties: { a: { $ref: "#/$defs/50%" } } }, "percent"),
    oddSchema({ ...object, properties: { a: { $ref: "http://a.b/c.json" } } }, "remote"),
    { name: "long", description: "x".repeat(200_000), inputSchema: object },
    { name: "odd-description", description: { text: "no" }, inputSchema: object },
    { name: "fail", description: "The first of two", inputSchema: object },
    // These tools can be used.
    { name: "no-type", description: null, inputSchema: { properties: { text: {} } } },
    { name: "my tool.v2", description: "Has a name that does not fit", inputSchema: object },
    { name: "y".repeat(80), inputSchema: object },
    {
      name: "patterns",
      annotations: "none",
      outputSchema: 5,
      inputSchema: {
        $schema: "http://json-schema.org/draft-04/schema#",
        ...object,
        properties: { word: { type: "string", pattern: String.raw`(?P<word>\A[\w-.]+)` } },
      },
    },
  ];
}

function listed(): object {
  if (behavior === "no-tools") return { tools: [] };
  if (behavior === "endless-pages") return { tools: [], nextCursor: "more" };
  if (behavior === "twice") return { tools: [...tools(), ...tools()] };
  if (behavior === "list-off-protocol") return { tools: "none" };
  if (behavior === "odd-tools") return { tools: [...oddTools(), ...tools()], nextCursor: null };
  if (behavior === "only-odd-tools") return { tools: oddTools().slice(0, 5) };
  if (behavior !== "schema-bomb") return { tools: tools() };
  const $defs = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => {
      const next = { $ref: `#/$defs/a${index + 1}` };
      return [`a${index}`, { ...object, properties: { left: next, right: next } }];
    }),
  );
  const inputSchema = { ...object, properties: { all: { $ref: "#/$defs/a0" } }, $defs };
  return { tools: [{ name: "bomb", inputSchema }] };
}

const text = (value: string, isError = false) => ({
  content: [{ type: "text", text: value }],
  isError,
});

function called(name: string | undefined, args: Record<string, unknown> = {}): object | undefined {
  switch (name) {
    case "echo":
      return text(String(args["text"]));
    case "crash":
      process.stderr.write(`Fatal: token ${process.env["TOKEN"]}\n`);
      process.exit(3);
    // oxlint-disable-next-line no-fallthrough -- process.exit() does not return
    case "env":
      return text(JSON.stringify(process.env));
    case "fail":
      return text(`cannot use ${process.env["TOKEN"]}`, true);
    case "large":
      return text("x".repeat(2_000_000));
    case "no-type":
    case "my tool.v2":
    case "patterns":
      return text(`${name} ${JSON.stringify(args)}`);
    case "change":
      send({ method: "notifications/tools/list_changed" });
      return text("changed");
    default:
      return undefined;
  }
}

function answer({ id, method, params }: Request): void {
  if (id === undefined) {
    if (method === "notifications/cancelled") process.stderr.write("cancelled\n");
    return;
  }
  if (behavior === "silent") return;
  if (behavior === "refuse" || params?.name === "refuse") {
    send({ id, error: { code: -32_000, message: `no use for ${process.env["TOKEN"]}` } });
    return;
  }
  if (method === "initialize") {
    const capabilities = { tools: { listChanged: true } };
    const serverInfo = { name: "scripted", version: "1" };
    send({ id, result: { protocolVersion: "2025-06-18", capabilities, serverInfo } });
  } else if (method === "tools/list") send({ id, result: listed() });
  else if (method === "tools/call" && behavior === "answer-off-protocol") {
    send({ id, result: { content: [{ type: "text", text: 7 }] } });
  } else if (method === "tools/call") {
    const result = called(params?.name, params?.arguments);
    if (result) send({ id, result });
  }
}

if (script.pids) appendFileSync(script.pids, `${process.pid}\n`);
if (script.child) {
  // It keeps the server's standard output open, like a child of npx.
  const child = spawn("sh", ["-c", "trap '' TERM HUP; sleep 1000000 & wait; wait"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (script.pids) appendFileSync(script.pids, `${child.pid}\n`);
}
if (behavior === "stubborn") {
  process.on("SIGTERM", () => undefined);
  setInterval(() => undefined, 1000);
}
if (script.stderr !== undefined && readFileSync(script.stderr, "utf8") !== "") {
  process.stderr.write(readFileSync(script.stderr, "utf8"));
  process.exit(1);
}
if (behavior === "exit") {
  for (let line = 1; line <= 50; line += 1) process.stderr.write(`line ${line}\n`);
  process.stderr.write(`token ${process.env["TOKEN"]}\n\u001b[2Jcleared\n`);
  process.exit(7);
}
if (behavior === "junk") write("Server is running on port 3000\n");
if (behavior === "junk-flood") repeat("Server is running on port 3000\n".repeat(100));
if (behavior === "byte-flood") repeat("x".repeat(65_536));
// Enough that its answers come after a flood, on a machine of any speed.
if (behavior === "message-flood") forever(() => Array.from({ length: 20_000 }, notify));
if (behavior === "stderr-flood") {
  // A full socket may refuse: the flood continues.
  process.stderr.on("error", () => undefined);
  forever(() => process.stderr.write("noise\n".repeat(10_000)));
}

// A line without an end leaves no room for answers.
if (behavior !== "byte-flood")
  createInterface({ input: process.stdin }).on("line", (line) => answer(JSON.parse(line) as Request));
