import { describe, test } from "vitest";
import { killDuringCall } from "../test-support/kill-during-call.ts";
import { setScene } from "../test-support/scene.ts";

// The next worker gets the run when the lease of the killed one has lapsed, which takes seconds.
describe.concurrent("a worker process that is killed", () => {
  test.for([
    { nth: 1, whose: "the researcher's first", replays: 0 },
    { nth: 2, whose: "the researcher's second", replays: 1 },
    { nth: 3, whose: "the validator's", replays: 0 },
    { nth: 4, whose: "the executor's", replays: 0 },
  ])("in the middle of $whose call loses that call alone", async ({ nth, replays }, { expect }) => {
    await using scene = await setScene();
    const ended = await killDuringCall(scene, { nth, replays, expect });
    expect(ended).toMatchObject({ status: "succeeded", executions: 2, worker: "second" });
  });
});
