import { globSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deadAnchors } from "./dead-anchors.ts";

/** Looks at the built site: what VitePress does not check itself. Links to no page already fail its build. */
const site = join(import.meta.dirname, "../../dist");
const pages = globSync("**/*.html", { cwd: site }).filter((path) => path !== "404.html");

const contents = new Map(pages.map((path) => [path, readFileSync(join(site, path), "utf8")]));

const isLoaded =
  /<(?:script|img|iframe|video|audio|source)[^>]* src="(?:https?:)?\/\/|<link (?=[^>]*rel="(?:stylesheet|preload|modulepreload|icon|preconnect)")[^>]*href="(?:https?:)?\/\//;
const isLoadedByStyles = /@import[^;]*\/\/|url\(["']?(?:https?:)?\/\//;

/** Files that a Markdown page links to by their paths. Its images are not copied with it. */
function linksOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/(?<!!)\[[^\]]*\]\((\.{1,2}\/[^()#\s]+)/g)].map(
    ([, href = ""]) => href,
  );
}

const problems = [
  ...["llms.txt", "llms-full.txt", "index.html"]
    .filter((path) => !existsSync(join(site, path)))
    .map((path) => `${path} is missing`),
  ...pages
    .map((path) => path.replace(/html$/, "md"))
    .filter((path) => path !== "index.md" && !existsSync(join(site, path)))
    .map((path) => `${path} is missing: the page has no Markdown`),
  ...globSync("**/*.md", { cwd: site }).flatMap((path) =>
    linksOf(readFileSync(join(site, path), "utf8"))
      .filter((href) => !existsSync(join(site, dirname(path), href)))
      .map((href) => `${path} links to ${href}: no such file`),
  ),
  ...[...contents]
    .filter(([, html]) => isLoaded.test(html))
    .map(([path]) => `${path} loads a file from another server`),
  ...deadAnchors(contents).map(({ path, href }) => `${path} links to ${href}: no such heading`),
  ...globSync("assets/**/*.css", { cwd: site })
    .filter((path) => isLoadedByStyles.test(readFileSync(join(site, path), "utf8")))
    .map((path) => `${path} loads a file from another server`),
];

if (problems.length > 0)
  throw new Error(`The site is not as it should be:\n${problems.join("\n")}`);
process.stdout.write(`${pages.length} pages\n`);
