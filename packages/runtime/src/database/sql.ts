import type { Statement } from "./database.ts";

/** SQL with its values in place. An SQL value becomes a part of the statement. */
export class Sql {
  readonly #texts: readonly string[];
  readonly #values: readonly unknown[];

  constructor(texts: readonly string[], values: readonly unknown[] = []) {
    this.#texts = texts;
    this.#values = values;
  }

  /** The text that is sent, with numbered placeholders. */
  toStatement(): Statement {
    const values: unknown[] = [];
    return { text: this.#write(values), values };
  }

  #write(values: unknown[]): string {
    return this.#texts.reduce((before, text, index) => {
      const value = this.#values[index - 1];
      const place = value instanceof Sql ? value.#write(values) : `$${values.push(value)}`;
      return before + place + text;
    });
  }
}

export function sql(texts: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  return new Sql(texts, values);
}

/** Text that is SQL, such as a quoted name. */
export function verbatim(text: string): Sql {
  return new Sql([text]);
}

/** The parts with commas between them. */
export function list(parts: readonly Sql[]): Sql {
  return new Sql(["", ...parts.map((_, index) => (index < parts.length - 1 ? ",\n" : ""))], parts);
}
