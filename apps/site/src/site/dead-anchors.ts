import { posix } from "node:path";

export interface DeadAnchor {
  /** Page that has the link. */
  readonly path: string;
  readonly href: string;
}

/**
 * Links to headings that their pages do not have.
 *
 * @param pages - HTML by the path of its file in the site.
 */
export function deadAnchors(pages: ReadonlyMap<string, string>): DeadAnchor[] {
  return Array.from(pages, ([path, html]) =>
    [...html.matchAll(/href="([^":#]*)#([^"]+)"/g)]
      .filter(([, target = "", anchor = ""]) => {
        const page = pages.get(pathOf(target, path));
        return page !== undefined && !page.includes(`id="${decodeURIComponent(anchor)}"`);
      })
      .map(([, target = "", anchor = ""]) => ({ path, href: `${target}#${anchor}` })),
  ).flat();
}

/** The file that a link leads to. */
function pathOf(target: string, from: string): string {
  if (target === "") return from;
  return target.startsWith("/")
    ? target.slice(1)
    : posix.normalize(posix.join(posix.dirname(from), target));
}
