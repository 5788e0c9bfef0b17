import { variables } from "./variables.ts";

/** A sentence that names variables, with the options of the same settings: a program may be configured in code. */
export function withOptions(sentence: string): string {
  const named = new Set<string>();
  return sentence.replaceAll(/\b[A-Z]+(?:_[A-Z]+)+\b(?:=\w+)?/g, (found) => {
    const [variable] = found.split("=");
    const option = optionOf(variable);
    if (option === undefined || named.has(option)) return found;
    named.add(option);
    return `${found} (in code: settings.${option})`;
  });
}

function optionOf(variable: string | undefined): string | undefined {
  return Object.entries(variables).find(([, entry]) => entry.variable === variable)?.[0];
}
