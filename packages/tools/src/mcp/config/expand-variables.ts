import { quoted } from "@orchestra/core/extend";
import type { NamedValue } from "./config-secrets.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `${NAME}`, `${NAME:-default}` as in Claude Code, and `${env:NAME}` as in Cursor and VS Code. */
const variable = /\$\{([^}]*)\}/g;
const known = /^(?:env:)?([A-Za-z_]\w*)(?::-(.*))?$/s;

/** A text with its variables replaced, and the values from the environment, which may be secrets. */
export interface Expanded {
  readonly text: string;
  readonly values: readonly NamedValue[];
}

/**
 * Replaces variables of the environment in a text.
 *
 * @param where - The field, for the problems.
 * @param problems - Receives variables that cannot be replaced.
 */
export function expandVariables(
  text: string,
  environment: Environment,
  where: string,
  problems: string[],
): Expanded {
  const values: NamedValue[] = [];
  const expanded = text.replaceAll(variable, (written: string, inner: string) => {
    const [, name, fallback] = known.exec(inner) ?? [];
    if (name === undefined) {
      problems.push(
        `${where} has ${quoted(written)}, which cannot be replaced: write the value, or a variable of the environment as \${NAME}`,
      );
      return "";
    }
    const value = environment[name];
    if (value !== undefined && value !== "") {
      values.push([name, value]);
      return value;
    }
    if (fallback !== undefined) return fallback;
    problems.push(
      `${where} names the variable ${name}, which is not set: set it, or write a default as \${${name}:-…}`,
    );
    return "";
  });
  return { text: expanded, values };
}
