import { randomUUID } from "node:crypto";
import { checkInput, quoted as shown, schemas } from "@orchestra/core/extend";
import { quoted, type Database } from "../database/index.ts";
import {
  createKeyOptions,
  toApiKey,
  type ApiKey,
  type CreateKeyOptions,
  type KeyRow,
} from "./api-key.ts";
import { KeyError } from "./key-error.ts";
import { KeyLimits } from "./key-limits.ts";
import { KeyRing } from "./key-ring.ts";
import { createKeyText, hashKeyText } from "./key-text.ts";

const endingLength = 4;

/** A new key, and its secret, which is not stored. */
export interface CreatedKey extends ApiKey {
  readonly secret: string;
}

/** The keys of the server's clients, in the database. A key never changes: revoke it, and create another. */
export class ApiKeys {
  readonly #database: Database;
  readonly #table: string;
  readonly #channel: string;

  constructor(database: Database) {
    this.#database = database;
    this.#table = `${quoted(database.schema)}.keys`;
    this.#channel = `${database.schema}_keys`;
  }

  /**
   * Creates a key. Only the result contains its secret.
   *
   * @throws {KeyError} for the name of a key that is not revoked
   * @throws {ArgumentError} for invalid options
   */
  async create(options: CreateKeyOptions): Promise<CreatedKey> {
    checkInput(createKeyOptions, options, "keys.create()");
    const { name, scopes = ["chat"], requestsPerMinute, budget = {}, roles, models } = options;
    const secret = createKeyText();
    const [row] = await this.#database.query<KeyRow>(
      `INSERT INTO ${this.#table} (id, name, hash, ending, scopes, requests_per_minute,
         usd_per_day, usd_per_month, usd_total, roles, models, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING *`,
      [
        randomUUID(),
        name,
        hashKeyText(secret),
        secret.slice(-endingLength),
        scopes,
        requestsPerMinute,
        budget.usdPerDay,
        budget.usdPerMonth,
        budget.usdTotal,
        roles,
        models,
        options.expiresAt,
      ],
    );
    if (!row) {
      throw new KeyError(
        `There is a key named ${shown(name)}. Choose another name, or revoke that key first.`,
      );
    }
    await this.#announce();
    return { ...toApiKey(row), secret };
  }

  /** All keys, the newest first. */
  async list(): Promise<readonly ApiKey[]> {
    const rows = await this.#database.query<KeyRow>(
      `SELECT * FROM ${this.#table} ORDER BY created_at DESC, id`,
    );
    return rows.map(toApiKey);
  }

  /**
   * A key, including revoked ones.
   *
   * @throws {KeyError} if there is no such key
   */
  async get(id: string): Promise<ApiKey> {
    checkInput(schemas.id, id, "keys.get()", "id");
    const [row] = await this.#database.query<KeyRow>(`SELECT * FROM ${this.#table} WHERE id = $1`, [
      id,
    ]);
    if (!row) throw new KeyError(`There is no key of the id ${shown(id)}.`);
    return toApiKey(row);
  }

  /**
   * Revokes a key: servers refuse it after 5 seconds at most. A revoked key is not changed.
   *
   * @param named - Its name or its id.
   * @throws {KeyError} if there is no such key
   */
  async revoke(named: string): Promise<ApiKey> {
    checkInput(schemas.id, named, "keys.revoke()", "named");
    const [row] = await this.#database.query<KeyRow>(
      `UPDATE ${this.#table} SET revoked_at = coalesce(revoked_at, clock_timestamp())
       WHERE id = $1 OR (name = $1 AND revoked_at IS NULL) RETURNING *`,
      [named],
    );
    if (!row)
      throw new KeyError(
        `There is no key ${shown(named)}, or it is already revoked. orchestra keys list shows all keys.`,
      );
    await this.#announce();
    return toApiKey(row);
  }

  /** Keeps the keys in memory until it is disposed, so that a request needs no query. */
  async open(onError: (error: unknown) => void): Promise<KeyRing> {
    const load = () =>
      this.#database.query<KeyRow>(`SELECT * FROM ${this.#table} WHERE revoked_at IS NULL`);
    const hasKeys = async () => {
      const rows = await this.#database.query(`SELECT FROM ${this.#table} LIMIT 1`);
      return rows.length > 0;
    };
    const limits = new KeyLimits(this.#database, onError);
    const ring = new KeyRing({ load, hasKeys, limits, onError });
    await ring.listen(this.#database, this.#channel);
    return ring;
  }

  /** If a server does not receive it, its next poll finds the change. */
  async #announce(): Promise<void> {
    await this.#database.notify(this.#channel, "").catch(() => undefined);
  }
}
