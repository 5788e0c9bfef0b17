import {
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunnableLambda, type RunnableConfig } from "@langchain/core/runnables";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { definePipeline } from "@orchestra/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openOnServer } from "@orchestra/runtime/test-support";
import { artifactTools } from "../../../tools/src/artifacts/index.ts";
import { errorOf, exchange } from "../test-support/client.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";

const [writeTool] = artifactTools();

/** Writes the files of its input, as an agent does. */
const writes = definePipeline({
  name: "writes",
  create: () =>
    RunnableLambda.from(async (files: Readonly<Record<string, string>>, config) => {
      for (const [path, content] of Object.entries(files)) {
        await writeTool?.invoke({ path, content }, config);
      }
      return "done";
    }),
});

/** An agent that delivers its answer as a file. */
const delivers = definePipeline({
  name: "delivers",
  create: ({ orchestra, checkpointer }) => {
    const executor = orchestra.executor({ tools: artifactTools() });
    const deliver = async (_: object, config: RunnableConfig) => ({
      delivered: await executor.invoke(review, config),
    });
    return new StateGraph(Annotation.Root({ delivered: Annotation<object>() }))
      .addNode("deliver", deliver)
      .addEdge(START, "deliver")
      .compile({ checkpointer });
  },
});

const statement = "The lighthouse of Vell was built in 1871.";
const review = {
  task: "When was the lighthouse of Vell built?",
  claims: [{ number: 1, statement, evidence: { path: "vell.md", line: 3, quote: statement } }],
  openQuestions: [],
  verdict: "approve" as const,
  issues: [],
  confidence: 1,
};

let outside: string;
let folder: string;
let t: RunServer;

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), "orchestra-server-artifacts-"));
  folder = join(outside, "artifacts");
  await writeFile(join(outside, "secret.md"), "the secret");
  t = await startRunServer({
    database: await openOnServer(),
    pipelines: [writes, delivers],
    environment: { ORCHESTRA_ARTIFACTS_DIR: folder },
  });
  await t.work();
});
afterAll(async () => {
  await t[Symbol.asyncDispose]();
  await rm(outside, { recursive: true });
});

/** The id of a run that has written these files. */
async function runWith(files: Readonly<Record<string, string>>): Promise<string> {
  const { id } = await t.runtime.start("writes", files);
  expect(await t.runtime.wait(id)).toMatchObject({ status: "succeeded" });
  return id;
}

/** A run with a file of so many zeros, which take no space, and of whose bytes a client has only some. */
async function beginDownload(bytes: number, signal?: AbortSignal) {
  const id = await runWith({ "big.bin": "" });
  const file = join(folder, id, "big.bin");
  await truncate(file, bytes);
  const url = `${t.url}/runs/${id}/artifacts/big.bin`;
  const response = await fetch(url, signal ? { signal } : {});
  const reader = response.body!.getReader();
  const first = await reader.read();
  return { response, reader, file, received: first.value?.length ?? 0 };
}

const artifactPath = (id: string, name: string) =>
  `/runs/${id}/artifacts/${encodeURIComponent(name)}`;

test("the files of a run are listed, and downloaded as they are", async () => {
  const files = { "report.md": "# Report\n", "charts/Umsätze (1).csv": "a,b\n", odd: "" };
  const id = await runWith(files);
  await writeFile(join(folder, id, ".artifact-00000000-0000-4000-8000-000000000000.tmp"), "half");

  const { artifacts } = (await (await t.get(`/runs/${id}/artifacts`)).json()) as {
    readonly artifacts: readonly { readonly name: string; readonly mediaType: string }[];
  };
  const createdAt = expect.stringMatching(/^\d{4}-.+Z$/) as string;
  expect(artifacts).toEqual([
    { name: "charts/Umsätze (1).csv", bytes: 4, mediaType: "text/csv; charset=utf-8", createdAt },
    { name: "odd", bytes: 0, mediaType: "application/octet-stream", createdAt },
    { name: "report.md", bytes: 9, mediaType: "text/markdown; charset=utf-8", createdAt },
  ]);
  const page = await t.get(`/runs/${id}/artifacts?limit=1&after=${encodeURIComponent("charts/z")}`);
  expect(await page.json()).toEqual({ artifacts: [artifacts[1]], next: "odd" });
  const last = await t.get(`/runs/${id}/artifacts?limit=1&after=odd`);
  expect(await last.json()).toEqual({ artifacts: [artifacts[2]] });
  for (const { name, mediaType } of artifacts) {
    const answer = await t.get(artifactPath(id, name));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(mediaType);
    expect(await answer.text()).toBe(files[name as keyof typeof files]);
  }
});

test("every file that is listed can be downloaded, also those that other programs have written", async () => {
  const id = await runWith({ "Größe.md": "composed" });
  const deep = Array.from({ length: 9 }, () => "d".repeat(60)).join("/");
  const files = { "Gro\u0308ße": "a.md", ["글".normalize("NFD")]: "b.md", [deep]: "c.md" };
  for (const [name, file] of Object.entries(files)) {
    await mkdir(join(folder, id, name), { recursive: true });
    await writeFile(join(folder, id, name, file), file);
  }
  const { artifacts } = (await (await t.get(`/runs/${id}/artifacts`)).json()) as {
    readonly artifacts: readonly { readonly name: string; readonly bytes: number }[];
  };
  const downloads = artifacts.map(({ name }) => t.get(artifactPath(id, name)));
  const texts = await Promise.all(downloads.map(async (answer) => (await answer).text()));
  expect(texts.toSorted()).toEqual(["a.md", "b.md", "composed"]);
  // A client may write the accents in another form.
  expect(await (await t.get(artifactPath(id, "Größe/a.md"))).text()).toBe("a.md");
  expect(await (await t.get(artifactPath(id, "Gro\u0308ße.md"))).text()).toBe("composed");
  expect((await t.get(artifactPath(id, "글".repeat(46)))).status).toBe(404);
});

test("an agent in a step of a graph writes into the folder of its run", async () => {
  const { id } = await t.runtime.start("delivers", {});
  expect(await t.runtime.wait(id)).toMatchObject({ status: "succeeded" });
  const answer = await t.get(artifactPath(id, "lighthouse-vell-built.md"));
  expect(await answer.text()).toContain("built in 1871 [1].");
});

test("a browser saves a file under its name, and does not show it", async () => {
  const id = await runWith({ "a/Größe 'x'.html": "<script>alert(1)</script>" });
  const { headers } = await t.get(artifactPath(id, "a/Größe 'x'.html"));
  expect(headers.get("content-disposition")).toBe(
    `attachment; filename="Gr__e 'x'.html"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%27x%27.html`,
  );
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toBe("sandbox");
});

test("HEAD returns only the headers, and a client that has the file gets a 304", async () => {
  const id = await runWith({ "a.txt": "one" });
  const url = t.url + artifactPath(id, "a.txt");
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "3"]);
  expect(await head.text()).toBe("");
  const etag = head.headers.get("etag") ?? "";
  const headers = { "if-none-match": etag };
  for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const same = await fetch(url, { headers: { "if-none-match": tags } });
    expect([tags, same.status]).toEqual([tags, 304]);
    expect(same.headers.get("cache-control")).toBe(head.headers.get("cache-control"));
  }
  await writeFile(join(folder, id, "a.txt"), "other");
  const changed = await fetch(url, { headers });
  expect([changed.status, await changed.text()]).toEqual([200, "other"]);
});

test("a run without files has none, and one that does not exist is a 404", async () => {
  const id = await runWith({});
  expect(await (await t.get(`/runs/${id}/artifacts`)).json()).toEqual({ artifacts: [] });
  const missing = await t.get(artifactPath(id, "a.md"));
  expect(missing.status).toBe(404);
  expect(await errorOf(missing)).toMatchObject({ code: "artifact_not_found" });
  for (const path of ["/runs/none/artifacts", artifactPath("none", "a.md")]) {
    const answer = await t.get(path);
    expect([answer.status, (await errorOf(answer)).code]).toEqual([404, "run_not_found"]);
  }
});

test.each([
  "..%2f..%2fsecret.md",
  "%2e%2e%2f%2e%2e%2fsecret.md",
  "../../secret.md",
  "..%252f..%252fsecret.md",
  "..%5c..%5csecret.md",
  "%2fetc%2fpasswd",
  "a.md%00",
  "a%0ab.md",
  "a%0d%0ax-injected:%201",
  "%ff%fe",
  "%zz",
  "x".repeat(5000),
  ".hidden.md",
  "folder",
  "link.md",
  "away%2fsecret.md",
])("nothing outside of a run's files is read: %s", async (name) => {
  const id = await runWith({ "folder/a.md": "a" });
  const own = join(folder, id);
  await writeFile(join(own, ".hidden.md"), "the secret");
  await symlink("../../secret.md", join(own, "link.md"));
  await symlink(outside, join(own, "away"));
  const { host, origin } = new URL(t.url);
  const path = `/v1/runs/${id}/artifacts/${name}`;
  const head = [`GET ${path} HTTP/1.1`, `host: ${host}`, "connection: close"];
  const answer = await exchange(origin, ...head, "", "");
  expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
  expect(answer).not.toMatch(/the secret|root:|^x-injected/m);
  const listed = await (await t.get(`/runs/${id}/artifacts`)).json();
  expect(listed).toMatchObject({ artifacts: [{ name: "folder/a.md" }] });
});

test("a link instead of a run's folder leads nowhere", async () => {
  const id = await runWith({});
  await mkdir(folder, { recursive: true });
  await symlink(outside, join(folder, id));
  expect(await (await t.get(`/runs/${id}/artifacts`)).json()).toEqual({ artifacts: [] });
  expect((await t.get(artifactPath(id, "secret.md"))).status).toBe(404);
});

test("a run whose id is a path has its own folder, inside the folder of artifacts", async () => {
  const { id } = await t.runtime.start("writes", { "a.md": "own" }, { id: "../secret.md" });
  await t.runtime.wait(id);
  const answer = await t.get(artifactPath(encodeURIComponent(id), "a.md"));
  expect(await answer.text()).toBe("own");
});

test.runIf(process.platform === "linux")(
  "a file is sent in pieces, and closed where the client leaves",
  async () => {
    const client = new AbortController();
    const bytes = 16 * 2 ** 30;
    const { response, reader, file } = await beginDownload(bytes, client.signal);
    expect(response.headers.get("content-length")).toBe(String(bytes));
    expect(await openFiles()).toContain(file);
    client.abort();
    await expect(reader.read()).rejects.toThrow("aborted");
    await expect.poll(openFiles).not.toContain(file);
  },
);

test("a file that is replaced while it is sent arrives as it was", async () => {
  const bytes = 32 * 2 ** 20;
  const { reader, file, received } = await beginDownload(bytes);
  await writeFile(`${file}.new`, "new");
  await rename(`${file}.new`, file);
  let total = received;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    total += next.value.length;
  }
  expect(total).toBe(bytes);
});

test("a file that becomes shorter while it is sent breaks the download off", async () => {
  const { reader, file } = await beginDownload(32 * 2 ** 20);
  await truncate(file, 10);
  const readAll = async () => {
    while (!(await reader.read()).done);
  };
  await expect(readAll()).rejects.toThrow("terminated");
});

test("a run that is deleted takes its files along", async () => {
  const id = await runWith({ "a.md": "a" });
  expect(await readdir(folder)).toContain(id);
  expect((await fetch(`${t.url}/runs/${id}`, { method: "DELETE" })).status).toBe(200);
  expect(await readdir(folder)).not.toContain(id);
});

/** Files that this process has open. */
async function openFiles(): Promise<string[]> {
  const names = await readdir("/proc/self/fd");
  const paths = names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => ""));
  return Promise.all(paths);
}
