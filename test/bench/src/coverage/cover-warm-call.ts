import { Session, type Profiler } from "node:inspector/promises";
import { defineRole, Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { z } from "zod";
import { fallbackTo, key } from "../benches/environments.ts";
import { benchModel } from "../servers/canned.ts";

/** Calls before the one that is covered. */
const warmUpCalls = 2;

/**
 * Function coverage of one warm `agent.invoke` without tools at the sandbox, with default settings,
 * one fallback and a silent log.
 */
export async function coverWarmCall(): Promise<readonly Profiler.ScriptCoverage[]> {
  const sandbox = await startSandbox();
  try {
    const orchestra = new Orchestra({
      environment: {
        OPENROUTER_API_KEY: key,
        OPENROUTER_BASE_URL: sandbox.url,
        OPENROUTER_DEFAULT_MODEL: benchModel,
        LOG_LEVEL: "silent",
        ...fallbackTo(sandbox.gatewayUrl),
      },
    });
    const agent = orchestra.agent(
      defineRole({
        name: "bench",
        system: "Answer the question.",
        input: z.object({ question: z.string() }),
        output: z.object({ text: z.string() }),
      }),
    );
    const call = () => agent.invoke({ question: "Hello?" });
    return await cover(call);
  } finally {
    await sandbox.close();
  }
}

/** Counts during the warm-up too: V8 can miss a closure that was compiled before counting began. */
async function cover(call: () => Promise<unknown>): Promise<readonly Profiler.ScriptCoverage[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    for (let made = 0; made < warmUpCalls; made += 1) await call();
    // Reading the counts resets them.
    await session.post("Profiler.takePreciseCoverage");
    await call();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    return result;
  } finally {
    session.disconnect();
  }
}
