import { expect, test } from "vitest";
import { runExample } from "../run-example.ts";

test("in-code of docs/configuration.md has precedence over the environment", async () => {
  const { printed } = await runExample(() => import("./in-code.ts"), {
    environment: { LLM_MAX_RETRIES: "1" },
  });
  expect(printed).toEqual([[5]]);
});
