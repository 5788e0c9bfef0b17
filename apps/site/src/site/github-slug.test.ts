import { expect, test } from "vitest";
import { githubSlug } from "./github-slug.ts";

test.each([
  ["Wait for a person's approval", "wait-for-a-persons-approval"],
  ["`orchestra runs`", "orchestra-runs"],
  ["OPENROUTER_API_KEY", "openrouter_api_key"],
  ["Costs: what & why", "costs-what--why"],
  ["Grüße, 世界", "grüße-世界"],
])("the anchor of %j", (heading, anchor) => {
  expect(githubSlug(heading)).toBe(anchor);
});
