import { z } from "zod";
import { Orchestra } from "../../orchestra.ts";

/** Opens streams that it does not read. */
const [url = ""] = process.argv.slice(2);
const limitMs = 600_000;
const orchestra = new Orchestra({
  settings: {
    openRouterApiKey: "sk-or-v1-any",
    baseUrl: url,
    logLevel: "silent",
    requestTimeoutMs: limitMs,
    firstTokenTimeoutMs: limitMs,
    stallTimeoutMs: limitMs,
    callTimeoutMs: limitMs,
  },
});
const text = "A sentence of a text that is long. ".repeat(500);
const system = "You copy a text.";
await orchestra.model.stream(text);
await orchestra.completions.create({ messages: [{ role: "user", content: text }], stream: true });
await orchestra.agent({ name: "writer", system }).stream(text);
const output = z.object({ text: z.string() });
await orchestra.agent({ name: "typist", system, output }).stream(text);
process.stdout.write("opened\n");
