import { FakeClock } from "@orchestra/core/testing";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { openMcpServers } from "./index.ts";
import { call, failedCall } from "./test-support/call.ts";
import { Events } from "./test-support/events.ts";
import { pidsIn } from "./test-support/processes.ts";
import { scripted, token } from "./test-support/scripted.ts";

/** Restarts without a wait. */
const atOnce = { random: () => 0 };

describe("a call", () => {
  test("that takes too long is a typed error, and the server continues", async () => {
    const events = new Events();
    const options = { onEvent: events.onEvent, callTimeoutMs: 100 };
    await using servers = await openMcpServers(scripted(), options);
    const error = await failedCall(servers, "scripted__wait");
    expect(error).toMatchObject({
      name: "McpServerError",
      code: "mcp_error",
      reason: "call_timeout",
    });
    expect(error).toMatchObject({ server: "scripted", tool: "wait" });
    expect(error.message).toBe(
      'The MCP server "scripted" did not answer the call of "wait" within 0.1 s (callTimeoutMs)',
    );
    // On a busy machine this may take longer than a call may.
    const echo = () => call(servers, "scripted__echo", { text: "still here" }).catch(() => "late");
    await expect.poll(echo).toBe("still here");
    expect(events.all.map(({ type }) => type)).not.toContain("server-end");
  });

  test("ends with the caller's reason when it is aborted, and the server gets a cancellation", async () => {
    const events = new Events();
    await using servers = await openMcpServers(scripted(), { onEvent: events.onEvent, ...atOnce });
    const stop = new AbortController();
    const waiting = call(servers, "scripted__wait", {}, stop.signal);
    // The server answers in order: once it has answered this, it has the other one.
    await call(servers, "scripted__echo", { text: "there" });
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    // It writes to standard error what it was told, and the end of the server shows that.
    await failedCall(servers, "scripted__crash");
    const { message } = await events.next("server-end");
    expect(message).toContain("  cancelled\n");
  });

  test.each([
    ["fail", 'The tool "fail" failed: cannot use [redacted]'],
    [
      "refuse",
      'failed to answer the call of "refuse": it answered with an error: -32000: no use for [redacted]',
    ],
  ])(
    "of a tool that reports a failure is a typed error without secrets: %s",
    async (tool, message) => {
      await using servers = await openMcpServers(scripted());
      const error = await failedCall(servers, `scripted__${tool}`);
      expect(error).toMatchObject({ reason: "tool_failed", tool });
      expect(error.message).toContain(message);
      expect(inspect(error, { depth: 9 })).not.toContain(token);
    },
  );

  test("with a result larger than a message may be fails, and the server is restarted", async () => {
    const events = new Events();
    const options = { onEvent: events.onEvent, ...atOnce, maxMessageBytes: 1_000_000 };
    await using servers = await openMcpServers(scripted(), options);
    const error = await failedCall(servers, "scripted__large");
    expect(error).toMatchObject({ reason: "server_down" });
    expect(error.message).toContain("it sent a message of more than 1000000 bytes");
    await events.next("server-start", 2);
    expect(await call(servers, "scripted__echo", { text: "Hi" })).toBe("Hi");
  });

  test("with arguments that do not fit its schema is not sent", async () => {
    await using servers = await openMcpServers(scripted());
    const error = await failedCall(servers, "scripted__echo", {});
    expect(error.message).toContain("did not match expected schema");
  });
});

test("a server gets safe variables and those of the config, and no key of ours", async () => {
  const environment = {
    PATH: process.env["PATH"],
    HOME: "/home/me",
    OPENROUTER_API_KEY: "sk-or-v1-0123456789",
    GITHUB_TOKEN: "ghp_0123456789",
    NODE_OPTIONS: "--no-warnings",
  };
  await using servers = await openMcpServers(scripted(), { environment });
  const env = JSON.parse((await call(servers, "scripted__env")) as string) as object;
  expect(env).toMatchObject({ HOME: "/home/me", TOKEN: token });
  expect(Object.keys(env).toSorted()).toEqual(["HOME", "PATH", "TOKEN"]);
});

describe("a server that ends", () => {
  test("is reported with its last words, fails what waits, and is restarted", async () => {
    const events = new Events();
    await using servers = await openMcpServers(scripted(), { onEvent: events.onEvent, ...atOnce });
    const waiting = failedCall(servers, "scripted__wait");
    const crashed = failedCall(servers, "scripted__crash");
    for (const error of await Promise.all([waiting, crashed])) {
      expect(error).toMatchObject({ reason: "server_down", server: "scripted" });
      expect(error.message).toContain(
        'The MCP server "scripted" is down: it ended with exit code 3.\nIts last lines on standard error:\n  Fatal: token [redacted]',
      );
    }
    expect(await events.next("server-end")).toMatchObject({ server: "scripted", restartInMs: 0 });
    expect(await events.next("server-start", 2)).toMatchObject({ restarts: 1, tools: 8 });
    expect(await call(servers, "scripted__echo", { text: "again" })).toBe("again");
    expect(JSON.stringify(events.all)).not.toContain(token);
  });

  test("by a signal, at any moment, is reported too", async () => {
    await using folder = await temporaryFolder({});
    const events = new Events();
    const pids = `${folder.path}/pids`;
    await using servers = await openMcpServers(scripted({ pids }), {
      onEvent: events.onEvent,
      ...atOnce,
    });
    process.kill(pidsIn(pids)[0] ?? 0, "SIGKILL");
    const { message } = await events.next("server-end");
    expect(message).toBe('The MCP server "scripted" is down: it was ended by SIGKILL');
    await events.next("server-start", 2);
    expect(await call(servers, "scripted__echo", { text: "again" })).toBe("again");
  });

  test("is down until it is restarted: its calls fail at once, with the time of the next attempt", async () => {
    const events = new Events();
    const clock = new FakeClock();
    const options = { onEvent: events.onEvent, clock, random: () => 0.5, restartDelayMs: 8_000 };
    await using servers = await openMcpServers(scripted(), options);
    await failedCall(servers, "scripted__crash");
    expect(await events.next("server-end")).toMatchObject({ restartInMs: 4_000 });
    const error = await failedCall(servers, "scripted__echo", { text: "Hi" });
    expect(error).toMatchObject({ reason: "server_down" });
    expect(error.message).toContain("It is restarted in 4 s; the call can be tried again then");
    await clock.advance(3_999);
    expect(await failedCall(servers, "scripted__echo", { text: "Hi" })).toBeInstanceOf(Error);
    await clock.advance(1);
    await events.next("server-start", 2);
    expect(await call(servers, "scripted__echo", { text: "Hi" })).toBe("Hi");
  });

  test("again and again waits longer each time, with jitter, and is given up", async () => {
    const events = new Events();
    const clock = new FakeClock();
    const options = { restartDelayMs: 100, maxRestartDelayMs: 350, maxRestarts: 4 };
    await using folder = await temporaryFolder({ stderr: "" });
    const script = { stderr: `${folder.path}/stderr` };
    await using servers = await openMcpServers(scripted(script), {
      onEvent: events.onEvent,
      ...options,
      clock,
      random: () => 0.9,
    });
    const { writeFile } = await import("node:fs/promises");
    await writeFile(script.stderr, `no use for ${token}\n`);
    await failedCall(servers, "scripted__crash");
    const waits: number[] = [];
    for (let end = 1; end <= 4; end += 1) {
      const { restartInMs } = await events.next("server-end", end);
      waits.push(restartInMs);
      await clock.advance(restartInMs);
    }
    expect(waits).toEqual([90, 180, 315, 315]);
    const { message } = await events.next("server-failure");
    expect(message).toContain('"scripted" is not restarted after 4 restarts');
    expect(message).toContain(
      "it ended with exit code 1.\nIts last lines on standard error:\n  no use for [redacted]",
    );
    const error = await failedCall(servers, "scripted__echo", { text: "Hi" });
    expect(error.message).toContain("It is not restarted");
  });

  test("after a minute of work has all its restarts again", async () => {
    const events = new Events();
    const clock = new FakeClock();
    await using servers = await openMcpServers(scripted(), {
      onEvent: events.onEvent,
      clock,
      random: () => 0,
      maxRestarts: 1,
    });
    for (let end = 1; end <= 3; end += 1) {
      await clock.advance(60_000);
      await failedCall(servers, "scripted__crash");
      await events.next("server-end", end);
      await clock.advance(0);
      expect(await events.next("server-start", end + 1)).toMatchObject({ restarts: 1 });
    }
    await failedCall(servers, "scripted__crash");
    await events.next("server-failure");
  });
});

describe("after close()", () => {
  test("calls fail, those that wait too, and nothing is restarted", async () => {
    const events = new Events();
    const servers = await openMcpServers(scripted(), { onEvent: events.onEvent, ...atOnce });
    const waiting = failedCall(servers, "scripted__wait");
    await servers.close();
    for (const error of [
      await waiting,
      await failedCall(servers, "scripted__echo", { text: "" }),
    ]) {
      expect(error).toMatchObject({ reason: "closed" });
      expect(error.message).toBe('The MCP server "scripted" was closed');
    }
    expect(events.all.map(({ type }) => type)).toEqual(["server-start"]);
    await servers.close();
  });

  test("a restart that is in progress is ended", async () => {
    await using folder = await temporaryFolder({});
    const pids = `${folder.path}/pids`;
    const events = new Events();
    const servers = await openMcpServers(scripted({ pids }), {
      onEvent: events.onEvent,
      ...atOnce,
    });
    await failedCall(servers, "scripted__crash");
    await events.next("server-end");
    await servers.close();
    expect(events.all.map(({ type }) => type)).toEqual(["server-start", "server-end"]);
  });
});

test("a listener that throws stops nothing", async () => {
  await using servers = await openMcpServers(scripted(), {
    onEvent: () => {
      throw new Error("mine");
    },
  });
  expect(await call(servers, "scripted__echo", { text: "Hi" })).toBe("Hi");
});
