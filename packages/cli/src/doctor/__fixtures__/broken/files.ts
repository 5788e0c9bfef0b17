import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { elsewhere, type BrokenState } from "./state.ts";

export const filesStates: readonly BrokenState[] = [
  [
    "files/env: not-read",
    "Line 2 of .env is not used: it has no =",
    async ({ write }) => {
      await write({ ".env": "LLM_MAX_RETRIES=3\nOPENROUTER_API_KEY: sk-or-v1-0123456789\n" });
      return elsewhere;
    },
  ],
  [
    "files/env: readable-by-others",
    "Other users",
    async ({ folder, write }) => {
      await write({ ".env": "LLM_MAX_RETRIES=3\n" });
      await chmod(join(folder, ".env"), 0o644);
      return elsewhere;
    },
  ],
  [
    "files/env: not-ignored",
    "does not ignore the .env",
    async ({ write, git }) => {
      await git("init", "--quiet");
      await write({ ".env": "" });
      return elsewhere;
    },
  ],
  [
    "files/env: committed",
    "in the Git repository",
    async ({ write, git }) => {
      await git("init", "--quiet");
      await write({ ".env": "" });
      await git("add", ".env");
      return elsewhere;
    },
  ],
  [
    "files/home: not-ignored",
    "does not ignore .orchestra",
    async ({ git }) => {
      await git("init", "--quiet");
      return elsewhere;
    },
  ],
];
