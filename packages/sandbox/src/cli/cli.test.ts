import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DIALECTS } from "../dialects/dialects.ts";
import { DOCUMENT_CATALOG } from "../similarity/document-models.ts";
import { FAULT_MODELS } from "../faults/fault-models.ts";
import { startSandbox } from "../index.ts";
import { parseArguments } from "./arguments.ts";
import { orphaned } from "./orphaned.ts";
import { runCommand } from "./run.ts";

const run = async (args: string[], interrupted: Promise<unknown> = Promise.resolve()) => {
  let out = "";
  let err = "";
  const code = await runCommand(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interrupted,
  });
  return { code, out, err };
};

describe("parseArguments", () => {
  it("reads limits, faults and latency", () => {
    expect(
      parseArguments([
        "--port",
        "0",
        "--tier",
        "pro",
        "--rpm",
        "5",
        "--seed",
        "9",
        "--latency",
        "100",
        "--fault",
        "openai/gpt-4o=status-503",
        "--fault",
        "hang",
      ]),
    ).toEqual({
      name: "start",
      options: {
        port: 0,
        seed: 9,
        limits: { tier: "pro", algorithm: "fixed-window", requestsPerMinute: 5 },
        faults: [{ fault: "status", status: 503, model: "openai/gpt-4o" }, { fault: "hang" }],
        latency: { firstTokenMs: 100, betweenTokensMs: 5 },
      },
    });
  });
});

describe("the command", () => {
  it.each([
    [["--port", "many"], "--port takes a whole number"],
    [["--tier", "gold"], "--tier takes none, free, pro"],
    [["--fault", "a/b=explode"], '--fault: "explode" is not a fault'],
    [["--faults", "--dialects"], "--faults and --dialects cannot be combined"],
    [["--frobnicate"], "--frobnicate"],
    [["stray"], "stray"],
  ])("answers %j with one line and code 2", async (args, message) => {
    const { code, err, out } = await run(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(out).toBe("");
  });

  it("explains itself", async () => {
    const { code, out } = await run(["--help"]);
    expect(code).toBe(0);
    expect(out).toContain("--fault <m>=<f>");
    const lines = out.trimEnd().split("\n");
    expect(lines.length).toBeLessThan(30);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it.each([
    ["--faults", "error-mid-stream ", FAULT_MODELS.length],
    ["--dialects", "vllm ", DIALECTS.length],
    ["--embeddings", "sandbox/embedding-fewer ", DOCUMENT_CATALOG.length],
  ])("lists what there is by %s", async (option, name, count) => {
    const { code, out } = await run([option]);
    expect(code).toBe(0);
    expect(out).toContain(`\n  ${name}`);
    expect(out.match(/^ {2}\S/gm)).toHaveLength(count);
  });

  it("starts, prints the variables to set, and closes when interrupted", async () => {
    const { code, out } = await run(["--port", "0"]);
    expect(code).toBe(0);
    expect(out).toMatch(/export OPENROUTER_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/api\/v1/);
    expect(out).toMatch(/export PORTKEY_GATEWAY_URL=http:\/\/127\.0\.0\.1:\d+\/v1/);
    expect(out).toContain("export OPENROUTER_API_KEY=");
  });

  it("closes when the npx that started it has ended, but not when a shell has", async () => {
    const npx = { npm_config_user_agent: "npm/11.0.0 node/v24.0.0" };
    let parent = 7;
    const byShell = orphaned({}, () => parent).then(() => "closed");
    const closing = run(
      ["--port", "0"],
      orphaned(npx, () => parent),
    );
    parent = 1;
    expect(await Promise.race([byShell, closing])).toMatchObject({ code: 0 });
  });

  it("greets as README.md shows", async () => {
    const { out } = await run([
      "--port",
      "0",
      "--tier",
      "pro",
      "--fault",
      "openai/gpt-4o=status-503",
    ]);
    const shown = out.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:4010");
    const page = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
    expect(page).toContain(`--fault 'openai/gpt-4o=status-503'\n${shown}\`\`\`\n`);
  });

  it("reports a port that is in use", async () => {
    await using sandbox = await startSandbox();
    const { code, err } = await run(["--port", String(sandbox.port)]);
    expect(code).toBe(1);
    expect(err).toBe(
      `The sandbox cannot listen on 127.0.0.1:${sandbox.port}: another program uses the port. Choose another port, or 0 for any that is free (--port).\n`,
    );
  });
});
