/** The part of an `Orchestra` that hybrid search uses. */
export interface HybridModels {
  readonly settings: {
    readonly documentsEmbeddingModel?: string | undefined;
    readonly documentsRerankModel?: string | undefined;
  };
  readonly logger: { warn(message: string): unknown };
  /** Sends an event to the listeners of the orchestra. */
  emit?(event: SearchFallbackEvent): void;
  readonly embeddings: {
    create(
      request: {
        readonly model: string;
        readonly input: readonly string[];
        readonly input_type: string;
      },
      options: CallOptions,
    ): Promise<{ readonly vectors: readonly Float32Array<ArrayBuffer>[] }>;
  };
  readonly rerank: {
    create(
      request: {
        readonly model: string;
        readonly query: string;
        readonly documents: readonly string[];
      },
      options: CallOptions,
    ): Promise<{ readonly results: readonly { readonly index: number; readonly score: number }[] }>;
  };
}

/** Document search continues without a model that failed; an event of the orchestra. */
export interface SearchFallbackEvent {
  readonly type: "search-fallback";
  readonly endpoint: "embeddings" | "rerank";
  readonly model: string;
  readonly message: string;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly failFast?: boolean | undefined;
}
