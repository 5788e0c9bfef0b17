import type { Database, Subscription } from "../database/index.ts";
import { toApiKey, type ApiKey, type KeyRow } from "./api-key.ts";
import type { KeyLimits } from "./key-limits.ts";
import { hashKeyText, isKeyText } from "./key-text.ts";

/** Interval at which the keys are read again, because a notification may be lost. */
const pollMs = 5000;

export interface KeyRingOptions {
  /** Reads the keys that are not revoked. */
  readonly load: () => Promise<readonly KeyRow[]>;
  /** Reads whether a key was ever created. */
  readonly hasKeys: () => Promise<boolean>;
  readonly limits: KeyLimits;
  /** Receives the error if the keys could not be read. Those in memory stay valid. */
  readonly onError: (error: unknown) => void;
}

/** The valid keys, in memory: neither a valid nor a wrong key needs a query. */
export class KeyRing implements AsyncDisposable {
  readonly limits: KeyLimits;
  readonly #options: KeyRingOptions;
  #keys: ReadonlyMap<string, ApiKey> = new Map();
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #loading: Promise<void> | undefined;
  #areRequired = false;
  #isStale = false;
  #isClosed = false;

  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Whether a key was ever created: revoking the last one must not give everyone access, also after a restart. */
  get areRequired(): boolean {
    return this.#areRequired;
  }

  /**
   * The key of a client; `undefined` for a wrong, revoked or expired one.
   *
   * It is looked up by its hash. Timing may reveal how much of a hash is right, but a client cannot choose the hash of
   * the key that they send, so this reveals nothing about the key.
   */
  find(text: string): ApiKey | undefined {
    if (!isKeyText(text)) return undefined;
    const key = this.#keys.get(hashKeyText(text).toString("latin1"));
    if (key?.expiresAt !== undefined && Date.parse(key.expiresAt) <= Date.now()) return undefined;
    return key;
  }

  /** Reads the keys, now and each time they have changed. */
  async listen(database: Pick<Database, "listen">, channel: string): Promise<void> {
    const refresh = (): void => void this.refresh().catch(this.#options.onError);
    this.#subscription = database.listen(channel, refresh, refresh);
    this.#subscription.begun.then(refresh, () => undefined);
    await this.refresh();
    this.#timer = setInterval(refresh, pollMs).unref();
  }

  /** Reads the keys. Changes during the read are read after it. */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #load(): Promise<void> {
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false;
      const rows = await this.#options.load();
      this.#areRequired ||= rows.length > 0 || (await this.#options.hasKeys());
      this.#keys = new Map(
        rows.map((row) => [Buffer.from(row.hash).toString("latin1"), toApiKey(row)]),
      );
      this.limits.keepOnly(new Set(rows.map(({ id }) => id)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#subscription?.[Symbol.asyncDispose]();
    await this.#loading?.catch(() => undefined);
    await this.limits[Symbol.asyncDispose]();
  }
}
