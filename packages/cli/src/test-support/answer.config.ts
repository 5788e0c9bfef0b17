import { appendFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tool } from "@langchain/core/tools";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { definePipeline } from "@orchestra/runtime";
import { z } from "zod";
import { defineConfig } from "../index.ts";

/** The tool appends each search to the file `SEARCHES`, and does not answer until the file `GATE` exists. */
const { SEARCHES = "", GATE = "." } = process.env;

const archive = {
  passages: [{ path: "vell.md", line: 3, text: "The lighthouse of Vell was built in 1871." }],
};

const search = tool(
  async ({ query }) => {
    await appendFile(SEARCHES, `${query}\n`);
    while (!existsSync(GATE)) await sleep(20);
    return JSON.stringify(archive);
  },
  {
    name: "search",
    description: "Searches the archive",
    schema: z.object({ query: z.string() }),
  },
);

const answer = definePipeline({
  name: "answer",
  input: z.object({ task: z.string().min(1) }),
  create: ({ orchestra, checkpointer }) =>
    researchValidateExecute({
      researcher: orchestra.researcher({ tools: [search] }),
      validator: orchestra.validator(),
      executor: orchestra.executor(),
      checkpointer,
    }),
});

export default defineConfig({ pipelines: [answer] });
