import { expect, test } from "vitest";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { openMcpServers } from "./index.ts";
import { call, failedCall } from "./test-support/call.ts";
import { programOf } from "./test-support/program-of.ts";

const stdio = (name: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: [programOf(name), ...args],
});

test("three servers of the registry start together, and their tools work", async () => {
  await using folder = await temporaryFolder({ "notes.txt": "The lighthouse was built in 1871." });
  const memory = { ...stdio("memory"), env: { MEMORY_FILE_PATH: `${folder.path}/memory.jsonl` } };
  await using servers = await openMcpServers({
    mcpServers: {
      everything: stdio("everything"),
      files: stdio("filesystem", folder.path),
      memory,
    },
  });
  expect(servers.names).toEqual(["everything", "files", "memory"]);
  expect(await call(servers, "everything__echo", { message: "Hi" })).toBe("Echo: Hi");
  expect(await call(servers, "everything__get-tiny-image")).toContain("[image, image/png, ");
  const path = `${folder.path}/notes.txt`;
  expect(await call(servers, "files__read_text_file", { path })).toContain("1871");
  const error = await failedCall(servers, "files__read_text_file", { path: "/etc/passwd" });
  expect(error.message).toContain("Access denied");
  const entities = [{ name: "Vell", entityType: "lighthouse", observations: ["built in 1871"] }];
  await call(servers, "memory__create_entities", { entities });
  expect(await call(servers, "memory__search_nodes", { query: "1871" })).toContain("Vell");
  expect(servers.toolsOf("memory").map(({ name }) => name)).toContain("memory__read_graph");
  expect(() => servers.toolsOf("memry")).toThrow("the name of a server: everything, files, memory");
});

test("an agent calls a tool, and its answer has the text of the tool", async () => {
  await using folder = await temporaryFolder({ "notes.txt": "The lighthouse was built in 1871." });
  await using servers = await openMcpServers({
    mcpServers: { files: stdio("filesystem", folder.path) },
  });
  const read = {
    name: "files__read_text_file",
    arguments: JSON.stringify({ path: `${folder.path}/notes.txt` }),
  };
  await using t = await startTestOrchestra({
    sandbox: {
      fixtures: [
        { match: { hasToolResult: false }, response: { toolCalls: [read] } },
        { match: { hasToolResult: true }, response: { content: "In 1871." } },
      ],
    },
  });
  const agent = t.orchestra.agent({ name: "clerk", system: "You look up.", tools: servers.tools });
  expect(await agent.invoke("When was the lighthouse built?")).toBe("In 1871.");
  const sent = JSON.stringify(t.sandbox.books.entries.at(-1));
  expect(sent).toContain("The lighthouse was built in 1871.");
});
