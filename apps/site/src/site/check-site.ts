import { globSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deadAnchors } from "./dead-anchors.ts";

/** Looks at the built site: what VitePress does not check itself. Links to no page already fail its build. */
const site = join(import.meta.dirname, "../../dist");
const pages = globSync("**/*.html", { cwd: site }).filter((path) => path !== "404.html");

const contents = new Map(pages.map((path) => [path, readFileSync(join(site, path), "utf8")]));

const isLoaded =
  /<(?:script|img|iframe|video|audio|source)[^>]* src="(?:https?:)?\/\/|<link (?=[^>]*rel="(?:stylesheet|preload|modulepreload|icon|preconnect)")[^>]*href="(?:https?:)?\/\//;
const isLoadedByStyles = /@import[^;]*\/\/|url\(["']?(?:https?:)?\/\//;

const problems = [
  ...["llms.txt", "llms-full.txt", "index.html"]
    .filter((path) => !existsSync(join(site, path)))
    .map((path) => `${path} is missing`),
  ...pages
    .map((path) => path.replace(/html$/, "md"))
    .filter((path) => path !== "index.md" && !existsSync(join(site, path)))
    .map((path) => `${path} is missing: the page has no Markdown`),
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
