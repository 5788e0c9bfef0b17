import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { files } from "@orchestra/core/extend";
import { UsageError } from "./usage-error.ts";

/** A file that is written completely or not at all. */
export class OutFile implements AsyncDisposable {
  readonly path: string;
  readonly #temporary: string;

  private constructor(path: string, temporary: string) {
    this.path = path;
    this.#temporary = temporary;
  }

  /**
   * Creates the temporary file in the folder of the file.
   *
   * @throws {UsageError} if the file cannot be written; this is before any model is called
   */
  static async prepare(path: string): Promise<OutFile> {
    const stats = await stat(path).catch(() => undefined);
    if (stats && !stats.isFile()) throw unwritable(path, "it exists and is not a file");
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
    try {
      await (await open(temporary, "w")).close();
    } catch (error) {
      throw unwritable(path, files.describeFileError(error));
    }
    return new OutFile(path, temporary);
  }

  async write(text: string): Promise<void> {
    await using file = await open(this.#temporary, "w");
    await file.writeFile(text);
    await file.sync();
    await rename(this.#temporary, this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#temporary, { force: true });
  }
}

function unwritable(path: string, why: string): UsageError {
  return new UsageError(
    `The demo cannot write ${path}: ${why}. --out takes a file in a folder that exists.`,
  );
}
