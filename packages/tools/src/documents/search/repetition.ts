/** The share of a passage's characters that earlier passages have too, such as the same licence in many files. */
const maxRepeated = 0.8;

/** Remembers the lines of passages, and finds passages that only repeat them. */
export class Repetition {
  readonly #lines = new Set<string>();

  /** Whether nearly all of a passage was in earlier passages. If not, its lines are remembered. */
  isIn(passage: string): boolean {
    const lines = passage.split("\n").map((line) => line.trim());
    const repeated = lengthOf(lines.filter((line) => this.#lines.has(line)));
    if (repeated > maxRepeated * lengthOf(lines)) return true;
    for (const line of lines) this.#lines.add(line);
    return false;
  }
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
