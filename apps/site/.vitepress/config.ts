import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import llmstxt from "vitepress-plugin-llms";
import { contentsOf, sidebarOf } from "../src/site/contents.ts";
import { githubSlug } from "../src/site/github-slug.ts";
import { withoutLinksOut } from "../src/site/links-out.ts";

const docs = join(import.meta.dirname, "../../../docs");
const index = readFileSync(join(docs, "README.md"), "utf8");

const title = "Orchestra";
const description =
  "Multi-agent pipelines on OpenRouter: every model call is rate-limited, retried, failed over, budgeted and recorded.";

export default defineConfig({
  title,
  description,
  lang: "en",
  srcDir: docs,
  outDir: join(import.meta.dirname, "../dist"),
  rewrites: { "README.md": "index.md" },
  cleanUrls: false,
  ignoreDeadLinks: false,
  themeConfig: {
    sidebar: sidebarOf(index),
    search: { provider: "local" },
    outline: [2, 3],
  },
  markdown: {
    anchor: { slugify: githubSlug },
  },
  vite: {
    // The pages are outside of this package, where Vue would not be found.
    resolve: { alias: { vue: dirname(fileURLToPath(import.meta.resolve("vue/package.json"))) } },
    plugins: [
      withoutLinksOut(docs),
      llmstxt({ title, description, customTemplateVariables: { toc: contentsOf(index) } }),
    ],
  },
});
