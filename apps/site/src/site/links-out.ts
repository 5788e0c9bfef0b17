import type { MarkdownRenderer } from "vitepress";

/**
 * Shows links out of `docs/`, such as to a package's folder, as text: the site does not have their
 * targets. On a page that is read in the repository they lead there.
 */
export function withoutLinksOut(md: MarkdownRenderer): void {
  md.core.ruler.push("links-out", ({ tokens, env }) => {
    const { relativePath } = env as { relativePath: string };
    const depth = relativePath.split("/").length;
    const out = "../".repeat(depth);
    for (const { children } of tokens) {
      let isOut = false;
      for (const token of children ?? []) {
        const href = token.attrGet("href");
        if (token.type === "link_open") isOut = href?.startsWith(out) ?? false;
        if (!isOut || !token.type.startsWith("link_")) continue;
        if (token.type === "link_close") isOut = false;
        token.tag = "span";
        token.attrs = null;
      }
    }
  });
}
