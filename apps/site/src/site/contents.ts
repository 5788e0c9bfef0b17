import type { DefaultTheme } from "vitepress";

const group = /^## (.*)\n\n((?:- .*\n?)+)/gm;
const item = /^- \[([^\]]+)\]\((\.\/[^)]+)\.md\)/gm;

/** The groups and pages of the site, as `docs/README.md` lists them. Pages outside `docs/` are left out. */
export function sidebarOf(index: string): DefaultTheme.SidebarItem[] {
  return [...index.matchAll(group)].map(([, text = "", list = ""]) => ({
    text,
    items: [...list.matchAll(item)].map(([, title = "", path = ""]) => ({
      text: title,
      link: path.slice(1),
    })),
  }));
}

/** The same as the table of contents of `llms.txt`, with what is said of each page. */
export function contentsOf(index: string): string {
  const [, ...groups] = index.split(/^(?=## )/m);
  return groups
    .join("")
    .replaceAll(/^- \[[^\]]+\]\(\.\.\/.*\n/gm, "")
    .replaceAll("](./", "](/")
    .replaceAll(/^## /gm, "### ")
    .trim();
}
