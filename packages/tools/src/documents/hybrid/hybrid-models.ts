/** What hybrid search uses of an `Orchestra`. */
export interface HybridModels {
  readonly settings: {
    readonly documentsEmbeddingModel?: string | undefined;
    readonly documentsRerankModel?: string | undefined;
  };
  readonly logger: { warn(message: string): unknown };
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

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly failFast?: boolean | undefined;
}
