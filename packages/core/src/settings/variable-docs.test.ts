import { expect, test } from "vitest";
import { runtimeVariableNames, serverVariableNames, variables } from "./index.ts";
import { settingsSections, variableMeanings } from "./variable-docs.ts";

test("every variable is described once, in one section", () => {
  const described = settingsSections.flatMap(({ variables }) => Object.keys(variables));
  const known = Object.values(variables).map(({ variable }) => variable);
  const ofPackages = [...runtimeVariableNames, ...serverVariableNames];
  expect(described.toSorted()).toEqual([...known, ...ofPackages].toSorted());
});

test("a description is sentences", () => {
  for (const meaning of Object.values(variableMeanings)) expect(meaning).toMatch(/^\S.*\.$/);
});

test("a meaning is plain text", () => {
  expect(variableMeanings["OPENROUTER_PROVIDER"]).toBe(
    'Provider routing of every request to OpenRouter, such as {"sort":"throughput"}.',
  );
});
