import { expect, test } from "vitest";
import { Orchestra, type OrchestraOptions } from "./orchestra.ts";

test.each([
  ["an array", []],
  ["a function that returns nothing", () => undefined],
  ["a list with what is no policy", () => ["retry"]],
])("%s is refused as policies, with an example", (_, given) => {
  const environment = { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" };
  const options = { environment, policies: given } as unknown as OrchestraOptions;
  expect(() => new Orchestra(options)).toThrow("such as (defaults) => [myPolicy, ...defaults]");
});
