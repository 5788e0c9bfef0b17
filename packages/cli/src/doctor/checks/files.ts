import { execFile } from "node:child_process";
import { appendFile, chmod, readFile, stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { defineCheck, ok, skipped } from "../check.ts";

const execute = promisify(execFile);

const envFile = defineCheck({
  id: "files/env",
  title: "The .env file",
  needsNetwork: false,
  problems: {
    "not-read": {
      severity: "error",
      remedy:
        "Write each variable on its own line, as NAME=value. Put a value of several lines in quotation marks.",
    },
    "readable-by-others": {
      severity: "warning",
      remedy: "Run chmod 600 .env, or orchestra doctor --fix.",
    },
    committed: {
      severity: "error",
      remedy:
        "Run git rm --cached .env, add .env to .gitignore, and replace every key that is in it: it is in the history.",
    },
    "not-ignored": {
      severity: "warning",
      remedy: "Add .env to .gitignore, or run orchestra doctor --fix.",
    },
  },
  run: async ({ folder, envFile: file }) => {
    const path = join(folder, ".env");
    const notRead = (file?.problems ?? []).map((message) => ({
      problem: "not-read" as const,
      message,
    }));
    const stats = await stat(path).catch(() => undefined);
    if (!stats?.isFile()) {
      return notRead.length > 0 ? notRead : skipped("There is no .env file here.");
    }
    if (await isTracked(folder, ".env")) {
      const message = "The .env file is in the Git repository.";
      return [...notRead, { problem: "committed", message }];
    }
    const isOpen = process.platform !== "win32" && (stats.mode & 0o077) !== 0;
    const isExposed = (await isIgnored(folder, ".env")) === false;
    const results = [
      ...notRead,
      ...(isOpen
        ? [
            {
              problem: "readable-by-others" as const,
              message: "Other users of this machine can read the .env file.",
              fix: async () => {
                await chmod(path, 0o600);
                return "Only you can read .env now (chmod 600).";
              },
            },
          ]
        : []),
      ...(isExposed
        ? [
            {
              problem: "not-ignored" as const,
              message: "Git does not ignore the .env file: a commit would publish its keys.",
              fix: () => ignore(folder, ".env"),
            },
          ]
        : []),
    ];
    return results.length > 0
      ? results
      : ok("The .env file is private, and all of its lines can be read.");
  },
});

const homeFolder = defineCheck({
  id: "files/home",
  title: "The folder of the embedded database",
  needsNetwork: false,
  problems: {
    "not-ignored": {
      severity: "warning",
      remedy: "Add .orchestra/ to .gitignore, or run orchestra doctor --fix.",
    },
  },
  run: async ({ folder, settings }) => {
    const { home, databaseUrl } = (await settings()).runtime;
    const path = relative(folder, resolve(folder, home));
    const isOutside = path === "" || path.startsWith("..");
    if (databaseUrl !== undefined || isOutside) {
      return skipped("The runs are not stored in this folder.");
    }
    if ((await isIgnored(folder, `${path}/`)) !== false) return ok(`${path} is not in Git.`);
    return [
      {
        problem: "not-ignored",
        message: `Git does not ignore ${path}, where runs are stored.`,
        fix: () => ignore(folder, `${path}/`),
      },
    ];
  },
});

/** Whether Git ignores a path; `undefined` outside of a repository, or if Git is not installed. */
async function isIgnored(folder: string, path: string): Promise<boolean | undefined> {
  try {
    await execute("git", ["check-ignore", "--quiet", path], { cwd: folder });
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 1 ? false : undefined;
  }
}

async function isTracked(folder: string, path: string): Promise<boolean> {
  const listed = await execute("git", ["ls-files", "--", path], { cwd: folder }).catch(
    () => undefined,
  );
  return listed !== undefined && listed.stdout.trim() !== "";
}

/** Appends a line to the folder's .gitignore, if it does not have it. */
async function ignore(folder: string, entry: string): Promise<string> {
  const path = join(folder, ".gitignore");
  const text = await readFile(path, "utf8").catch(() => "");
  if (!text.split(/\r?\n/).includes(entry)) {
    const lineBreak = text === "" || text.endsWith("\n") ? "" : "\n";
    await appendFile(path, `${lineBreak}${entry}\n`);
  }
  return `Added ${entry} to ${basename(path)}.`;
}

export const fileChecks = [envFile, homeFolder];
