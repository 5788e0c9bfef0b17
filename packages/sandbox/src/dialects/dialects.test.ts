import { describe, expect, it } from "vitest";
import { startSandbox } from "../sandbox.ts";
import { events, json, post } from "../test-client.ts";
import { dialectModel } from "./dialect.ts";
import { DIALECTS } from "./dialects.ts";

const question = {
  messages: [
    {
      role: "user",
      content:
        "# Question\nHow many hours does it charge?\n\n# Material\nIt charges in four hours.",
    },
  ],
};

/** Asks, and asks again where the dialect refuses the first request. */
async function ask(sandbox: Awaited<ReturnType<typeof startSandbox>>, body: object) {
  const first = await post(sandbox, body);
  return first.status === 200 ? first : post(sandbox, body);
}

describe("the dialects", () => {
  it("have different names and descriptions, and are all in the catalogue", async () => {
    await using sandbox = await startSandbox();
    const { data } = await json(await fetch(`${sandbox.url}/models`));
    const listed = new Map(
      (data as { id: string; description: string }[]).map(({ id, description }) => [
        id,
        description,
      ]),
    );
    for (const dialect of DIALECTS) {
      expect(dialect.name).toMatch(/^[a-z0-9-]+$/);
      expect(listed.get(dialectModel(dialect))).toContain(dialect.description);
    }
    expect(new Set(DIALECTS.map(({ name }) => name)).size).toBe(DIALECTS.length);
    expect(new Set(DIALECTS.map(({ description }) => description)).size).toBe(DIALECTS.length);
  });

  it.each(DIALECTS)("$name writes what no other model writes", async (dialect) => {
    await using sandbox = await startSandbox();
    const written = async (model: string, stream: boolean) => {
      const response = await ask(sandbox, { ...question, model, stream });
      const headers = ["content-type", "content-encoding", "x-generation-id"].map((name) =>
        response.headers.get(name),
      );
      return `${headers.join()}\n${await response.text()}`.replaceAll(
        /\d{6}-\w{8}|sandbox\/[\w-]+/g,
        "",
      );
    };
    const model = dialectModel(dialect);
    const own = [await written(model, false), await written(model, true)];
    sandbox.reset();
    const usual = [
      await written("sandbox/extractive", false),
      await written("sandbox/extractive", true),
    ];
    expect(own).not.toEqual(usual);
  });

  it("are charged as any answer, and the books know it", async () => {
    await using sandbox = await startSandbox();
    await post(sandbox, { ...question, model: "sandbox/dialect-usage-missing" });
    const [entry] = sandbox.books.entries;
    expect(entry).toMatchObject({ status: 200, completionTokens: 7 });
    expect(entry?.costUsd).toBeGreaterThan(0);
  });

  it.each(DIALECTS)("$name reports no tokens of an empty answer", async (dialect) => {
    await using sandbox = await startSandbox({ faults: [{ fault: "empty" }] });
    for (const stream of [false, true]) {
      const text = await (
        await ask(sandbox, { ...question, model: dialectModel(dialect), stream })
      ).text();
      expect(text).not.toMatch(/"completion_tokens":\s*"?[1-9]/);
    }
  });

  it("of other servers have no generations that could be asked for", async () => {
    await using sandbox = await startSandbox();
    const model = "sandbox/dialect-usage-missing";
    const response = await post(sandbox, { ...question, model });
    expect(response.headers.has("x-generation-id")).toBe(false);
    const { id } = await json(response);
    expect(id).toMatch(/^chatcmpl-/);
    const headers = { authorization: "Bearer test" };
    const found = await fetch(`${sandbox.url}/generation?id=${String(id)}`, { headers });
    expect(found.status).toBe(404);
  });
});

describe("the dialects that refuse the first request", () => {
  it.each([true, false])("answer its repetition, with keepBodies: %s", async (keepBodies) => {
    await using sandbox = await startSandbox({ keepBodies });
    const ask = async () => {
      const { status } = await post(sandbox, { ...question, model: "sandbox/dialect-retry-info" });
      return status;
    };
    expect(await ask()).toBe(429);
    await expect.poll(() => sandbox.books.entries[0]?.endedAt).toBeDefined();
    expect(await ask()).toBe(200);
    sandbox.reset();
    expect(await ask()).toBe(429);
  });
});

describe("the dialect content-parts", () => {
  it("writes text as parts, whole and streamed", async () => {
    await using sandbox = await startSandbox();
    const model = "sandbox/dialect-content-parts";
    const whole = await json(await post(sandbox, { ...question, model }));
    expect(whole).toMatchObject({
      choices: [{ message: { content: [{ type: "text", text: "It charges in four hours." }] } }],
    });
    const streamed = await (await post(sandbox, { ...question, model, stream: true })).text();
    expect(events(streamed).join("\n")).toContain('"content":[{"type":"text","text":"It charges');
  });
});
