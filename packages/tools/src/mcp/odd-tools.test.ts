import { expect, test } from "vitest";
import { openMcpServers } from "./index.ts";
import { call, failedCall } from "./test-support/call.ts";
import { Events } from "./test-support/events.ts";
import { scripted } from "./test-support/scripted.ts";

test("tools that cannot be used are left out, each with a reason, and the others work", async () => {
  const events = new Events();
  const script = scripted({ behavior: "odd-tools" });
  await using servers = await openMcpServers(script, { onEvent: events.onEvent });
  const skipped = events.all.flatMap((event) => (event.type === "tool-skip" ? [event] : []));
  const reasons = skipped.map(({ tool, message }) => [tool, message.split("is left out, as ")[1]]);
  expect(reasons).toEqual([
    ["", "it has no name"],
    ["", "it has no name"],
    ["", "it has no name"],
    ["", "it has no name"],
    ["", "it has no name"],
    ["no-schema", "its inputSchema is missing: expected an object"],
    ["null-schema", "its inputSchema is null: expected an object"],
    ["text-schema", "its inputSchema is a text: expected an object"],
    ["list-schema", "its inputSchema is an array: expected an object"],
    ["takes-list", String.raw`its inputSchema is of the type "\"array\"": expected "object"`],
    [
      "draft-04",
      "its inputSchema is not a JSON schema: properties.age.exclusiveMinimum must be number",
    ],
    ["bad-type", expect.stringContaining("is not a JSON schema: properties.a.type must be")],
    ["draft-03", "its inputSchema is not a JSON schema: properties.a.required must be array"],
    ["bad-definition", expect.stringContaining("is not a JSON schema: definitions.a.type must be")],
    ["dangling", 'its inputSchema refers to "#/$defs/a", which it does not have'],
    ["percent", 'its inputSchema refers to "#/$defs/50%", which it does not have'],
    ["remote", 'its inputSchema refers to "http://a.b/c.json", which it does not have'],
    ["long", "its description and schema have more than 100000 characters"],
    ["odd-description", "its description is an object: expected a text"],
    ["fail", "it is listed twice"],
  ]);
  expect(skipped[5]?.message).toBe(
    'The MCP server "scripted": the tool "no-schema" is left out, as its inputSchema is missing: expected an object',
  );
  expect(await call(servers, "scripted__echo", { text: "Hi" })).toBe("Hi");
  expect(await call(servers, "scripted__no-type", { text: "Hi" })).toBe('no-type {"text":"Hi"}');
  // The server checks its patterns itself.
  expect(await call(servers, "scripted__patterns", { word: "a" })).toBe('patterns {"word":"a"}');
});

test("tools whose names do not fit are renamed, and the new name is reported", async () => {
  const events = new Events();
  const script = scripted({ behavior: "odd-tools" });
  await using servers = await openMcpServers(script, { onEvent: events.onEvent });
  const renamed = events.all.flatMap((event) => (event.type === "tool-rename" ? [event] : []));
  expect(renamed.map(({ tool }) => tool)).toEqual(["my tool.v2", "y".repeat(80)]);
  const [first] = renamed;
  expect(first?.name).toMatch(/^scripted__my_tool_v2_[0-9a-f]{10}$/);
  expect(first?.message).toBe(
    `The MCP server "scripted": the tool "my tool.v2" is named "${first?.name}", as names have at most 64 letters, digits, _ and -, and no two tools may share one`,
  );
  expect(await call(servers, first?.name ?? "")).toBe("my tool.v2 {}");
});

test("two servers can have tools with the same name, and names that collide", async () => {
  const server = scripted().mcpServers.scripted;
  await using servers = await openMcpServers({ mcpServers: { one: server, two: server } });
  expect(await call(servers, "one__echo", { text: "1" })).toBe("1");
  expect(await call(servers, "two__echo", { text: "2" })).toBe("2");
});

test("a tool that is left out is a warning of the process where no listener is", async () => {
  const warned: string[] = [];
  const listen = (warning: Error) => warned.push(warning.message);
  process.on("warning", listen);
  try {
    await using servers = await openMcpServers(scripted({ behavior: "twice" }));
    expect(servers.tools).toHaveLength(8);
    await expect.poll(() => warned).toHaveLength(8);
  } finally {
    process.off("warning", listen);
  }
  expect(warned[0]).toContain('the tool "echo" is left out, as it is listed twice');
});

test("an answer that is not valid MCP is an error with a clear message", async () => {
  await using servers = await openMcpServers(scripted({ behavior: "answer-off-protocol" }));
  const { message } = await failedCall(servers, "scripted__echo", { text: "Hi" });
  expect(message).toContain("its answer does not follow MCP: content.0");
  expect(message).not.toMatch(/[{[]|invalid_/);
});
