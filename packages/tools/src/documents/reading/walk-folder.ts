import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import posix, { join } from "node:path/posix";
import { messageOf, sentences } from "@orchestra/core/extend";
import type { SkippedFile } from "../documents.ts";
import { documentKind, isOtherDocument, type DocumentKind } from "../document-kind.ts";

export interface WalkOptions {
  ignore: readonly string[];
  maxFiles: number;
  /** Whether links that lead out of the folder are followed. */
  followLinksOut: boolean;
  signal: AbortSignal | undefined;
}

export interface FoundFile {
  /** Relative to the root, with forward slashes. */
  path: string;
  kind: DocumentKind;
  /** The real path of the file, without links. */
  file: string;
  /** In bytes. */
  size: number;
}

export interface Walked {
  files: FoundFile[];
  skipped: SkippedFile[];
}

/**
 * Finds the documents below a folder, sorted by path. Hidden entries and `node_modules` folders below the root are
 * ignored. Symbolic links within the folder are followed after all real entries were visited, so that a file
 * with two paths keeps its own; each file and folder counts once, which also ends cycles.
 */
export async function walkFolder(root: string, options: WalkOptions): Promise<Walked> {
  const walk = new Walk(root, options);
  await walk.run();
  return { files: walk.files.toSorted((a, b) => compare(a.path, b.path)), skipped: walk.skipped };
}

class Walk {
  readonly files: FoundFile[] = [];
  readonly skipped: SkippedFile[] = [];
  readonly #root: string;
  readonly #options: WalkOptions;
  #realRoot = "";
  readonly #seen = new Set<string>();
  #links: string[] = [];

  constructor(root: string, options: WalkOptions) {
    this.#root = root;
    this.#options = options;
  }

  async run(): Promise<void> {
    this.#realRoot = await realpath(this.#root);
    await this.#enterFolder("", this.#realRoot);
    while (this.#links.length > 0) {
      const links = this.#links.toSorted(compare);
      this.#links = [];
      for (const link of links) await this.#enter(link);
    }
  }

  async #enter(path: string): Promise<void> {
    if (this.#isFull()) return;
    try {
      const real = await realpath(join(this.#root, path));
      const stats = await stat(real);
      if (!stats.isDirectory() && !documentKind(path)) return;
      if (!this.#mayLeadTo(real)) {
        this.skipped.push({ path, reason: "a link out of the folder: see followLinksOut" });
      } else if (stats.isDirectory()) await this.#enterFolder(path, real);
      else if (stats.isFile()) this.#addFile(path, real, stats.size);
      else this.skipped.push({ path, reason: "not a regular file" });
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (documentKind(path)) this.skipped.push({ path, reason: `unreadable: ${reasonOf(error)}` });
    }
  }

  #mayLeadTo(real: string): boolean {
    if (this.#options.followLinksOut) return true;
    const fromRoot = relative(this.#realRoot, real);
    return fromRoot !== ".." && !fromRoot.startsWith(`..${sep}`) && !isAbsolute(fromRoot);
  }

  async #enterFolder(path: string, real: string): Promise<void> {
    this.#options.signal?.throwIfAborted();
    if (this.#isSeen(real)) return;
    let entries: Dirent[];
    try {
      entries = await readdir(join(this.#root, path), { withFileTypes: true });
    } catch (error) {
      this.skipped.push({ path: path || ".", reason: `unreadable folder: ${reasonOf(error)}` });
      return;
    }
    for (const entry of entries.toSorted((a, b) => compare(a.name, b.name))) {
      if (this.#isFull()) return;
      const entryPath = join(path, entry.name);
      if (this.#isIgnored(entry.name, entryPath)) continue;
      if (entry.isSymbolicLink()) this.#links.push(entryPath);
      else if (entry.isDirectory() || documentKind(entry.name)) await this.#enter(entryPath);
      else if (isOtherDocument(entry.name)) this.skipped.push({ path: entryPath, reason: unread });
    }
  }

  #addFile(path: string, file: string, size: number): void {
    const kind = documentKind(path);
    if (!kind || this.#isSeen(file)) return;
    const { maxFiles } = this.#options;
    if (this.files.length === maxFiles) {
      const reason = `more than ${maxFiles} documents: this and all later ones were left out; raise maxFiles`;
      this.skipped.push({ path, reason });
      this.#isCut = true;
      return;
    }
    this.files.push({ path, kind, file, size });
  }

  #isCut = false;

  #isFull(): boolean {
    return this.#isCut;
  }

  #isSeen(real: string): boolean {
    if (this.#seen.has(real)) return true;
    this.#seen.add(real);
    return false;
  }

  #isIgnored(name: string, path: string): boolean {
    if (name.startsWith(".") || name === "node_modules") return true;
    return this.#options.ignore.some((pattern) =>
      posix.matchesGlob(pattern.includes("/") ? path : name, pattern),
    );
  }
}

const unread = "not a format that is read: convert it to Markdown, text, HTML or PDF";

/** By code unit, so that the order is the same in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function reasonOf(error: unknown): string {
  return sentences.withoutStop(messageOf(error));
}
