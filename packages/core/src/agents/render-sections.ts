/**
 * Renders an input for a model: a Markdown section for each field, text as it is and everything
 * else as JSON.
 */
export function renderSections(input: unknown): string {
  if (typeof input === "string") return input;
  if (typeof input !== "object" || input === null) return JSON.stringify(input, toJson);
  const sections: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const words = name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ");
    sections.push(section(words.charAt(0).toUpperCase() + words.slice(1).toLowerCase(), value));
  }
  return sections.join("\n\n");
}

/** One section with its title. */
export function section(title: string, value: unknown): string {
  const body =
    typeof value === "string" ? value : `\`\`\`json\n${JSON.stringify(value, toJson, 2)}\n\`\`\``;
  return `# ${title}\n\n${body}`;
}

/** What JSON lacks, as the nearest that it has. */
function toJson(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Map || value instanceof Set ? [...value] : value;
}
