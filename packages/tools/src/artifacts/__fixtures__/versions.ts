const lines = 4_000;

/** A text in which every line has its version, so that a mixture of versions or a part of one is detected. */
export function version(number: number): string {
  return `this line is of version ${number}\n`.repeat(lines);
}

/** Whether a text is one version from its first line to its last. */
export function isVersion(text: string): boolean {
  const [, number] = /^this line is of version (\d+)\n/.exec(text) ?? [];
  return number !== undefined && text === version(Number(number));
}
