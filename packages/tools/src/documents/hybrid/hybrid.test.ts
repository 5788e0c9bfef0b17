import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Orchestra, type CallRecord, type OrchestraEvent } from "@orchestra/core";
import { startSandbox, type SandboxOptions } from "@orchestra/sandbox";
import { beforeAll, describe, expect, test } from "vitest";
import type { DocumentCollection, HybridDocuments } from "../documents.ts";
import { openDocuments } from "../open-documents.ts";
import { searchDocumentsTool } from "../search-documents-tool.ts";
import { withHybridSearch, type HybridSearchOptions } from "./with-hybrid-search.ts";

const files: Readonly<Record<string, string>> = {
  "bells.md":
    "# Bells\n\nThe copper bell of Varn weighs 312 kilograms, and was cast in the year 1721.\n",
  "horns.md": "# Horns\n\nA silver horn hangs in the hall. It is blown when the river rises.\n",
  "rain.md": "# Weather\n\nIt rains in Varn on two hundred days of the year, most of all in May.\n",
};

interface Setup {
  readonly embedding?: string | undefined;
  readonly rerank?: string | undefined;
  readonly sandbox?: SandboxOptions;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A folder with the files. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hybrid-"));
  for (const [name, page] of Object.entries(files)) await writeFile(join(folder, name), page);
  return folder;
}

/** The files as they are: read once, since each reading starts a thread. */
let lexical: DocumentCollection;

beforeAll(async () => {
  const folder = await makeFolder();
  lexical = await openDocuments(folder);
  await rm(folder, { recursive: true });
});

/** A folder, a sandbox, and an orchestra that uses its models. */
async function start({ embedding, rerank, sandbox: options, environment }: Setup = {}) {
  const folder = await makeFolder();
  let isChanged = false;
  const sandbox = await startSandbox(options);
  const logged: string[] = [];
  const records: CallRecord[] = [];
  const fallbacks: OrchestraEvent[] = [];
  const silent = { error() {}, info() {}, debug() {} };
  const orchestra = new Orchestra({
    logger: {
      ...silent,
      warn: (message: string) => {
        // Events of calls are logged too, such as a circuit that opens.
        if (message.startsWith("Document search")) logged.push(message);
      },
    },
    onCall: (record) => records.push(record),
    onEvent: (event) => {
      if (event.type === "search-fallback") fallbacks.push(event);
    },
    settings: { documentsEmbeddingModel: embedding, documentsRerankModel: rerank },
    environment: {
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_API_KEY: "sk-or-v1-sandbox",
      LLM_MAX_RETRIES: "0",
      LLM_RETRY_DELAY: "0.001",
      LLM_RETRY_MAX_DELAY: "0.002",
      ...environment,
    },
  });
  /** Writes a file into the folder. */
  const write = async (name: string, text: string) => {
    isChanged = true;
    await writeFile(join(folder, name), text);
  };
  const open = async (more?: HybridSearchOptions): Promise<HybridDocuments> =>
    withHybridSearch(isChanged ? await openDocuments(folder) : lexical, orchestra, more);
  return {
    folder,
    sandbox,
    orchestra,
    logged,
    records,
    fallbacks,
    lexical,
    write,
    open,
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

const pathsOf = (passages: readonly { readonly path: string }[]) =>
  passages.map(({ path }) => path);

const embedding = "sandbox/embedding";
const rerank = "sandbox/rerank";

test("without models, the documents are as they were, and nothing is sent", async () => {
  await using t = await start();
  const documents = await t.open();
  expect(documents.search("bell")).toEqual(t.lexical.search("bell"));
  expect(t.sandbox.books.entries).toEqual([]);
});

describe("with vectors", () => {
  test("finds what shares no word with the query, and pays once", async () => {
    await using t = await start({ embedding });
    const query = "kopper bel wieght";
    const documents = await t.open();
    const [first] = await documents.search(query);
    expect(first).toMatchObject({
      path: "bells.md",
      line: 1,
      text: expect.stringContaining("312"),
    });
    expect(first?.score).toBeGreaterThan(0);
    expect(t.records.map(({ role, status }) => [role, status])).toEqual([
      ["embeddings", "succeeded"],
      ["embeddings", "succeeded"],
    ]);
    expect(t.orchestra.ledger.total.costUsd).toBeCloseTo(t.sandbox.books.totals().costUsd, 12);
    expect(t.logged).toEqual([]);
  });

  test("embeds documents with their titles, and queries as queries", async () => {
    await using t = await start({ embedding });
    await (await t.open()).search("rain");
    const [documents, query] = t.sandbox.books.entries.map(({ body }) => body);
    expect(documents).toMatchObject({
      input_type: "search_document",
      input: expect.arrayContaining([expect.stringMatching(/^Bells[^]*copper bell/)]),
    });
    expect(query).toMatchObject({ input_type: "search_query", input: ["rain"] });
  });

  test("asks for no vector twice, also where the folder is opened again", async () => {
    await using t = await start({ embedding });
    const query = "copper bell";
    const found = await (await t.open()).search(query);
    await t.write("new.md", "# New\n\nA tower of stone stands at the gate.\n");
    const again = await t.open();
    const inputs = t.sandbox.books.entries.map(({ body }) => body["input"]);
    expect(inputs.at(-1)).toEqual([expect.stringContaining("tower of stone")]);
    expect(pathsOf(await again.search(query))[0]).toBe(found[0]?.path);
  });

  describe("that are kept in a folder", () => {
    const requests = ({ sandbox }: Awaited<ReturnType<typeof start>>) =>
      sandbox.books.entries.map(({ body }) => body["input"]);

    /** The only file of the folder. */
    async function fileIn(folder: string): Promise<string> {
      const [name = "", ...others] = await readdir(folder);
      expect(others).toEqual([]);
      return join(folder, name);
    }

    test("are asked for once by all processes, and by content and model", async () => {
      await using first = await start({ embedding });
      const cacheFolder = join(first.folder, ".cache/vectors");
      const found = await (await first.open({ cacheFolder })).search("copper bell");
      await using second = await start({ embedding });
      expect(await (await second.open({ cacheFolder })).search("copper bell")).toEqual(found);
      expect(requests(second)).toEqual([["copper bell"]]);
      await second.write("rain.md", "# Weather\n\nIt is dry all the year.\n");
      await second.open({ cacheFolder });
      expect(requests(second).at(-1)).toEqual([expect.stringContaining("dry all the year")]);
      await using third = await start({ embedding: "openai/text-embedding-3-small" });
      await third.open({ cacheFolder });
      expect(requests(third)[0]).toHaveLength(3);
      expect(await readdir(cacheFolder)).toHaveLength(2);
      expect([...first.logged, ...second.logged, ...third.logged]).toEqual([]);
    });

    test("hold no text", async () => {
      await using t = await start({ embedding });
      const cacheFolder = join(t.folder, ".cache");
      await t.open({ cacheFolder });
      expect((await readFile(await fileIn(cacheFolder))).includes("copper")).toBe(false);
    });

    test("keep the vectors that were paid for if a later request fails", async () => {
      await using t = await start({ embedding });
      for (let number = 0; number < 100; number += 1) {
        const text = `# Page ${number}\n\nThe page with the number ${number} has its own words.\n`;
        await t.write(`page-${number}.md`, text);
      }
      t.sandbox.order({ fault: "no-credits", after: 2 });
      const cacheFolder = join(t.folder, ".cache");
      await t.open({ cacheFolder });
      expect(t.logged).toHaveLength(1);
      const { size } = await stat(await fileIn(cacheFolder));
      expect(size).toBeGreaterThan(32 * 512 * 4);
    });

    test.each<[string, (bytes: Buffer) => Buffer]>([
      ["empty", () => Buffer.alloc(0)],
      ["cut off", (bytes) => bytes.subarray(0, -1)],
      ["of another format", (bytes) => Buffer.from(bytes).fill("x", 0, 4)],
      ["without dimensions", (bytes) => Buffer.from(bytes).fill(0, 12, 16)],
      ["of too many dimensions", (bytes) => Buffer.from(bytes).fill(255, 12, 16)],
      ["full of NaN", (bytes) => Buffer.from(bytes).fill(255, 16)],
    ])("are asked for again, where the file is %s", async (_, damage) => {
      await using first = await start({ embedding });
      const cacheFolder = join(first.folder, ".cache");
      await first.open({ cacheFolder });
      const path = await fileIn(cacheFolder);
      await writeFile(path, damage(await readFile(path)));
      await using second = await start({ embedding });
      await second.open({ cacheFolder });
      expect(requests(second)).toHaveLength(1);
      await using third = await start({ embedding });
      await third.open({ cacheFolder });
      expect(requests(third)).toEqual([]);
    });

    test("are done without, where the folder cannot be used", async () => {
      await using t = await start({ embedding });
      const cacheFolder = join(t.folder, "rain.md");
      const documents = await t.open({ cacheFolder });
      expect(pathsOf(await documents.search("kopper bel wieght"))[0]).toBe("bells.md");
      expect(t.logged).toEqual([expect.stringContaining(cacheFolder)]);
    });
  });

  test("reports its progress, and sends the passages in batches", async () => {
    await using t = await start({ embedding });
    for (let number = 0; number < 70; number += 1) {
      const text = `# Page ${number}\n\nThe page with the number ${number} has its own words.\n`;
      await t.write(`page-${number}.md`, text);
    }
    const progress: number[] = [];
    await t.open({ onProgress: ({ passagesEmbedded }) => progress.push(passagesEmbedded) });
    expect(progress.at(-1)).toBe(73);
    const sizes = t.sandbox.books.entries.map(({ body }) => (body["input"] as string[]).length);
    expect(sizes.toSorted((a, b) => b - a)).toEqual([32, 32, 9]);
  });

  describe("a text that the model refuses", () => {
    /** A server that takes no text with a word in it, and knows one model. */
    async function startPicky(word: string) {
      const sizes: number[] = [];
      const server = createServer((request, response) => {
        void (async () => {
          const { input } = JSON.parse(await text(request)) as { input: string[] };
          sizes.push(input.length);
          const isRefused = input.some((each) => each.includes(word));
          response.writeHead(isRefused ? 400 : 200, { "content-type": "application/json" });
          const data = input.map((each, index) => ({ index, embedding: [1, each.length, 0.5] }));
          const error = { code: 400, message: "The input is too long" };
          response.end(JSON.stringify(isRefused ? { error } : { data }));
        })();
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      return {
        url: `http://127.0.0.1:${port}`,
        sizes,
        async [Symbol.asyncDispose]() {
          server.closeAllConnections();
          server.close();
          await once(server, "close");
        },
      };
    }

    test.each(["number 0 ", "number 17 ", "number 41 "])(
      "costs no other its vector: %s",
      async (word) => {
        await using server = await startPicky(word);
        const environment = { OPENROUTER_BASE_URL: server.url };
        await using t = await start({ embedding: "a/b", environment });
        for (let number = 0; number < 60; number += 1) {
          const page = `# Page ${number}\n\nThe page with the number ${number} has its own words.\n`;
          await t.write(`page-${number}.md`, page);
        }
        const documents = await t.open({ retryAfterMs: 1 });
        expect(t.logged).toEqual([
          expect.stringMatching(/1 of 63 passages only by their words.*too long/),
        ]);
        expect(server.sizes.length).toBeLessThan(16);
        // It is not asked for again.
        const { length } = server.sizes;
        for (let search = 0; search < 3; search += 1) await documents.search("words");
        expect(server.sizes.slice(length)).toEqual([1, 1, 1]);
      },
    );

    test("is the end where it refuses all", async () => {
      await using server = await startPicky("");
      const environment = { OPENROUTER_BASE_URL: server.url };
      await using t = await start({ embedding: "a/b", environment });
      await t.open();
      expect(t.logged).toEqual([expect.stringContaining("3 of 3 passages only by their words")]);
      expect(server.sizes.length).toBeLessThan(6);
    });
  });

  test("does not exceed its memory limit, and reports what it leaves out", async () => {
    await using t = await start({ embedding });
    const documents = await t.open({ maxVectorBytes: 2 * 512 * 4 });
    expect(t.logged).toEqual([expect.stringContaining("1 of 3 passages only by their words")]);
    expect(pathsOf(await documents.search("silver horn"))[0]).toBe("horns.md");
  });

  test.each(["base64", "shuffled", "no-index", "nested", "no-usage"])(
    "takes answers in other forms: %s",
    async (variant) => {
      await using t = await start({ embedding: `${embedding}-${variant}` });
      const documents = await t.open();
      expect(pathsOf(await documents.search("kopper bel wieght"))[0]).toBe("bells.md");
      expect(t.logged).toEqual([]);
    },
  );

  test.each([
    "sandbox/embedding-fewer",
    "sandbox/embedding-more",
    "sandbox/embedding-same-index",
    "sandbox/embedding-nan",
    "sandbox/embedding-infinite",
    "sandbox/embedding-ragged",
    "sandbox/embedding-unsteady",
    "sandbox/embedding-huge",
    "sandbox/embedding-words",
    "sandbox/status-503",
    "sandbox/status-401",
    "sandbox/no-credits",
    "sandbox/error-200",
    "sandbox/broken-json",
    "sandbox/cut",
    "sandbox/reset",
    "no/such-model",
  ])("finds what its words find, with one warning, where the model fails: %s", async (model) => {
    await using t = await start({ embedding: model });
    const documents = await t.open();
    for (const query of ["copper bell", "silver horn", "rain"]) {
      expect(await documents.search(query)).toEqual(t.lexical.search(query));
    }
    expect(t.logged).toHaveLength(1);
    expect(t.logged[0]).toContain(model);
    expect(t.logged[0]).not.toContain("sk-or-v1-sandbox");
  });

  test("reports in an event and a warning that it works without a model, once until that works", async () => {
    await using t = await start({ embedding, rerank });
    t.sandbox.order({ fault: "no-credits", times: 1 });
    const documents = await t.open();
    t.sandbox.order({ fault: "no-credits", times: 2 });
    await documents.search("copper bell of Varn");
    await documents.search("copper bell of Varn");
    const fields = { type: "search-fallback", message: expect.any(String) };
    expect(t.fallbacks).toEqual([
      { ...fields, endpoint: "embeddings", model: embedding },
      { ...fields, endpoint: "rerank", model: rerank },
    ]);
    expect(t.fallbacks.map((event) => "message" in event && event.message)).toEqual(t.logged);
  });

  describe("that are missing, since the model failed", () => {
    const query = "kopper bel wieght";
    const embedded = ({ sandbox }: Awaited<ReturnType<typeof start>>) =>
      sandbox.books.entries.filter(({ body }) => body["input_type"] === "search_document");

    test("are asked for again by a later search, which does not wait for them", async () => {
      await using t = await start({ embedding });
      const cacheFolder = join(t.folder, ".cache");
      t.sandbox.order({ fault: "no-credits", times: 1 });
      const documents = await t.open({ retryAfterMs: 1, cacheFolder });
      expect(await documents.search(query)).toEqual(t.lexical.search(query));
      // A query is embedded where there are vectors to compare it with.
      const askedFor = async () => {
        await documents.search(query);
        return t.sandbox.books.entries.map(({ body }) => body["input_type"]);
      };
      await expect.poll(askedFor).toContain("search_query");
      expect(embedded(t)).toHaveLength(2);
      await expect.poll(() => readdir(cacheFolder).catch(() => [])).toHaveLength(1);
      await documents.search(query);
      await documents.search(query);
      expect(embedded(t)).toHaveLength(2);
      expect(t.logged).toHaveLength(1);
    });

    test("are not asked for before it is time, nor after the caller's abort", async () => {
      await using t = await start({ embedding });
      t.sandbox.order({ fault: "no-credits", times: 1 });
      await (await t.open()).search(query);
      const stop = new AbortController();
      t.sandbox.order({ fault: "no-credits", times: 1 });
      const { signal } = stop;
      const documents = await t.open({ retryAfterMs: 1, signal });
      stop.abort();
      for (let search = 0; search < 3; search += 1) await documents.search(query);
      expect(embedded(t)).toHaveLength(2);
    });
  });

  test.each<[string, (message: string) => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no log");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no log"))],
  ])("finds what its words find, though the log %s", async (_, onWarning) => {
    await using t = await start({ embedding: "sandbox/status-503" });
    const documents = await t.open({ onWarning });
    expect(await documents.search("bell")).toEqual(t.lexical.search("bell"));
  });

  test("vectors of zeros are near to nothing", async () => {
    await using t = await start({ embedding: "sandbox/embedding-zeros" });
    const documents = await t.open();
    expect(await documents.search("copper bell")).toEqual(t.lexical.search("copper bell"));
  });

  test("does without a model that does not answer in time", async () => {
    await using t = await start({ embedding });
    const documents = await t.open({ searchTimeoutMs: 30 });
    t.sandbox.order({ fault: "hang" });
    expect(await documents.search("copper bell")).toEqual(t.lexical.search("copper bell"));
    expect(t.logged).toEqual([expect.stringContaining("gave no answer within 0.03 s")]);
  });

  test("does without it while the budget has no room, and asks again when it works", async () => {
    await using t = await start({ embedding });
    const documents = await t.open();
    t.sandbox.order({ fault: "no-credits", times: 2 });
    const found: string[][] = [];
    for (let search = 0; search < 3; search += 1) {
      found.push(pathsOf(await documents.search("kopper bel wieght")));
    }
    expect(t.logged).toHaveLength(1);
    t.sandbox.order({ fault: "no-credits", times: 1 });
    await documents.search("kopper bel wieght");
    expect(t.logged).toHaveLength(2);
    expect(found[2]?.[0]).toBe("bells.md");
  });

  test("keeps to the budgets of the orchestra", async () => {
    await using t = await start({ embedding, environment: { LLM_BUDGET_TOKENS_PER_DAY: "1" } });
    const documents = await t.open();
    expect(await documents.search("copper bell")).toEqual(t.lexical.search("copper bell"));
    expect(t.sandbox.books.entries).toEqual([]);
    expect(t.logged).toHaveLength(1);
  });

  test("ends with the caller's reason, while it embeds and while it searches", async () => {
    await using t = await start({ embedding });
    const documents = await t.open();
    t.sandbox.order({ fault: "hang" });
    const reason = new Error("the user left");
    const signal = AbortSignal.abort(reason);
    await expect(documents.search("bell", { signal })).rejects.toBe(reason);
    const stop = new AbortController();
    const search = documents.search("bell", { signal: stop.signal });
    stop.abort(reason);
    await expect(search).rejects.toBe(reason);
    await expect(t.open({ signal })).rejects.toBe(reason);
    expect(t.logged).toEqual([]);
  });

  test("has no request for a query without words", async () => {
    await using t = await start({ embedding, rerank });
    const documents = await t.open();
    const { length } = t.sandbox.books.entries;
    expect(await documents.search("  ")).toEqual(t.lexical.search("  "));
    expect(t.sandbox.books.entries).toHaveLength(length);
  });
});

describe("with a ranking", () => {
  test("puts the best passages in its order, the others behind them", async () => {
    await using t = await start({ rerank });
    const query = "the year in Varn when the bell was cast";
    const documents = await t.open({ rerankLimit: 2 });
    const found = await documents.search(query);
    const [entry] = t.sandbox.books.entries;
    expect(entry?.body).toMatchObject({ model: rerank, query });
    expect(entry?.body["documents"]).toHaveLength(2);
    expect(found.length).toBe(t.lexical.search(query).length);
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(t.records).toMatchObject([{ role: "rerank", costUsd: 0.002 }]);
  });

  test.each(["sandbox/rerank-shuffled", "sandbox/rerank-fewer"])(
    "takes answers in other forms: %s",
    async (model) => {
      await using t = await start({ rerank: model });
      const documents = await t.open();
      const found = await documents.search("copper bell of Varn");
      expect(found[0]?.path).toBe("bells.md");
      expect(found.length).toBe(t.lexical.search("copper bell of Varn").length);
      expect(t.logged).toEqual([]);
    },
  );

  test.each([
    "sandbox/rerank-none",
    "sandbox/rerank-far-index",
    "sandbox/rerank-same-index",
    "sandbox/rerank-nan",
    "sandbox/status-500",
  ])("finds what its words find, with one warning, where the model fails: %s", async (model) => {
    await using t = await start({ rerank: model });
    const documents = await t.open();
    for (const query of ["copper bell of Varn", "rain in Varn"]) {
      expect(await documents.search(query)).toEqual(t.lexical.search(query));
    }
    expect(t.logged).toHaveLength(1);
  });
});

test("the tool searches with both, and passes an abort on", async () => {
  await using t = await start({ embedding, rerank });
  const tool = searchDocumentsTool(await t.open());
  const answer = JSON.parse(await tool.invoke({ query: "kopper bel wieght" })) as {
    readonly passages: readonly { readonly path: string }[];
  };
  expect(answer.passages[0]?.path).toBe("bells.md");
  t.sandbox.order({ fault: "hang" });
  const reason = new Error("the user left");
  const call = tool.invoke({ query: "bell" }, { signal: AbortSignal.abort(reason) });
  await expect(call).rejects.toThrow(/the user left|abort/i);
});

test("invalid arguments are errors with the expected value", async () => {
  await using t = await start({ embedding });
  const { lexical, orchestra } = t;
  const untyped = withHybridSearch as (...values: readonly unknown[]) => Promise<unknown>;
  await expect(untyped({ ...lexical }, orchestra)).rejects.toThrow(
    "the result of await openDocuments(folder)",
  );
  await expect(untyped(lexical, {})).rejects.toThrow("must be an Orchestra");
  await expect(untyped(lexical, orchestra, { rerankLimit: 0 })).rejects.toThrow("rerankLimit");
});
