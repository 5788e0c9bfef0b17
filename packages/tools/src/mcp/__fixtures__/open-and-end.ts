import { openMcpServers } from "../index.ts";
import { scripted } from "../test-support/scripted.ts";

/*
 * A program that opens servers, and ends without closing them: by itself, or by a signal from a
 * test.
 */

const [pids = "", end = ""] = process.argv.slice(2);

const idle = scripted({ pids, child: true }).mcpServers.scripted;
const stubborn = scripted({ pids, child: true, behavior: "stubborn" }).mcpServers.scripted;
await openMcpServers({ mcpServers: { idle, stubborn } });
process.stdout.write("ready\n");

if (end === "exit") process.exit(0);
if (end === "throw") throw new Error("a mistake");
// A program without further work ends, even if servers are idle.
if (end !== "return") setInterval(() => undefined, 60_000);
