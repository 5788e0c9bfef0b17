import { isPlainObject, plainValue } from "./plain-value.ts";

/**
 * Renders an input for a model: a Markdown section for each field, with texts unchanged and all
 * other values as JSON.
 */
export function renderSections(input: unknown): string {
  if (typeof input === "string") return input;
  const isLiteral = (input as object | null)?.constructor === Object;
  if (!isLiteral && !isPlainObject(input)) return textOf(input);
  const sections: string[] = [];
  for (const [name, value] of Object.entries(input as object)) {
    if (value === undefined) continue;
    const words = name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ");
    sections.push(section(words.charAt(0).toUpperCase() + words.slice(1).toLowerCase(), value));
  }
  return sections.join("\n\n");
}

/** A date as a text, a list as JSON, an instance of a class by its fields. */
function textOf(input: unknown): string {
  const plain = plainValue(input, { circular: refuse });
  return isPlainObject(plain)
    ? renderSections(plain)
    : typeof plain === "string"
      ? plain
      : json(plain);
}

/** One section with its title. */
export function section(title: string, value: unknown): string {
  const body = typeof value === "string" ? value : `\`\`\`json\n${json(value, 2)}\n\`\`\``;
  return `# ${title}\n\n${body}`;
}

function json(value: unknown, indent?: number): string {
  return JSON.stringify(plainValue(value, { circular: refuse }), undefined, indent);
}

/** A value that contains itself has no meaningful text for the model. */
function refuse(): never {
  throw new TypeError("circular");
}
