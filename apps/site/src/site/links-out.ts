import { relative, sep } from "node:path";

/**
 * A plugin of Vite. It makes text of the links that lead out of `docs/`, such as to a package's folder: the site
 * does not have their targets, nor do the Markdown copies of its pages. On a page that is read in the repository
 * they lead there.
 *
 * @param docs - The folder of the pages.
 */
export function withoutLinksOut(docs: string) {
  return {
    name: "without-links-out",
    // Before the pages are rendered, and copied.
    enforce: "pre" as const,
    transform(page: string, id: string): string | undefined {
      const path = relative(docs, id);
      if (!path.endsWith(".md") || path.startsWith("..")) return undefined;
      const out = "../".repeat(path.split(sep).length);
      return page.replaceAll(/\[([^[\]]+)\]\(([^()\s]+)\)/g, (link, text: string, href: string) =>
        href.startsWith(out) ? text : link,
      );
    },
  };
}
