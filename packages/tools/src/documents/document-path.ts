import { isAbsolute, relative, sep } from "node:path";
import { normalize } from "node:path/posix";

/**
 * The collection's own path for one that a model wrote: relative or absolute inside the root, with either slash, with
 * a line (`#L12`, `:12`) at its end. `undefined` for a path that the collection does not have, so that no spelling
 * leads out of the root.
 */
export function resolveDocumentPath(
  given: string,
  root: string,
  isKnown: (path: string) => boolean,
): string | undefined {
  const trimmed = given.trim();
  const withoutLine = trimmed.replace(/(?:#.*|:\d+(?:[-:]\d+)?)$/, "");
  return [trimmed, withoutLine].map((path) => relativeTo(root, path)).find(isKnown);
}

function relativeTo(root: string, path: string): string {
  const inside = isAbsolute(path) ? relative(root, path).split(sep).join("/") : path;
  return normalize(inside.replaceAll("\\", "/"));
}
