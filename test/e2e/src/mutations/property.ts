import { assert, asyncProperty } from "fast-check";
import { expect } from "vitest";
import { MutatedServer } from "./mutated-server.ts";
import { cases } from "./mutations.ts";
import { recordAnswers, type Recording } from "./recordings.ts";
import { runCase } from "./run-case.ts";

/**
 * Changes valid answers, and checks of each call: it ends in an answer or a typed error, its packets
 * change nothing, its tools run only with whole arguments, and it leaves nothing open.
 */
export async function checkMutations(numRuns: number): Promise<void> {
  await using server = await MutatedServer.start();
  const recordings = await recordAnswers();
  await assert(
    asyncProperty(cases, async (each) => {
      const recording = recordings[each.recording % recordings.length] as Recording;
      const whole = await runCase(server, recording, each, []);
      const cut = await runCase(server, recording, each, each.cuts);
      // What has arrived when a connection breaks off depends on the packets.
      if (!each.isBroken) expect(cut).toEqual(whole);
    }),
    { numRuns },
  );
}
