import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { outlastOutages, type Database } from "../database/index.ts";

/**
 * LangGraph's checkpoints in the runtime's own database. Where the database is away it is waited for,
 * so that a run outlasts a restart of it; every write may be repeated.
 */
export class DurableSaver extends PostgresSaver {
  constructor({ pool, schema }: Database) {
    super(pool, undefined, { schema });
  }

  /** Opens the checkpoints of a database; safe when many processes do so at once. */
  static async open(database: Database): Promise<DurableSaver> {
    const saver = new DurableSaver(database);
    await database.exclusively("checkpoints", () => saver.setup());
    return saver;
  }

  override getTuple(...args: Parameters<PostgresSaver["getTuple"]>) {
    return outlastOutages(() => super.getTuple(...args));
  }

  override async *list(...args: Parameters<PostgresSaver["list"]>) {
    const tuples = await outlastOutages(() => Array.fromAsync(super.list(...args)));
    yield* tuples;
  }

  override put(...args: Parameters<PostgresSaver["put"]>) {
    return outlastOutages(() => super.put(...args));
  }

  override putWrites(...args: Parameters<PostgresSaver["putWrites"]>) {
    return outlastOutages(() => super.putWrites(...args));
  }

  override deleteThread(...args: Parameters<PostgresSaver["deleteThread"]>) {
    return outlastOutages(() => super.deleteThread(...args));
  }
}
