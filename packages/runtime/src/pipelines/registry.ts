import type { Runnable } from "@langchain/core/runnables";
import { ArgumentError } from "@orchestra/core";
import { UnknownPipelineError } from "../errors/index.ts";
import type { Pipeline, PipelineContext } from "./pipeline.ts";

/** What pipelines are made with; a process that runs none needs no key for the models. */
interface LazyContext extends Omit<PipelineContext, "orchestra"> {
  readonly orchestra: () => PipelineContext["orchestra"];
}

/** The pipelines that this process knows, each made when it is first needed. */
export class PipelineRegistry {
  readonly #pipelines: ReadonlyMap<string, Pipeline>;
  readonly #made = new Map<string, Promise<Runnable>>();
  readonly #context: LazyContext;

  /** @throws {ArgumentError} where two have one name */
  constructor(pipelines: readonly Pipeline[], context: LazyContext) {
    this.#pipelines = new Map(pipelines.map((pipeline) => [pipeline.name, pipeline]));
    this.#context = context;
    if (this.#pipelines.size < pipelines.length) {
      throw new ArgumentError(
        "Two pipelines have the same name: expected a different name for each",
      );
    }
  }

  get names(): readonly string[] {
    return [...this.#pipelines.keys()];
  }

  /** @throws {UnknownPipelineError} */
  get(name: string): Pipeline {
    const pipeline = this.#pipelines.get(name);
    if (!pipeline) throw new UnknownPipelineError(name, this.names);
    return pipeline;
  }

  /** @throws {UnknownPipelineError} and what the pipeline's `create` throws */
  runnable(name: string): Promise<Runnable> {
    const made = this.#made.get(name);
    if (made) return made;
    const { checkpointer, orchestra } = this.#context;
    const making = (async () => this.get(name).create({ checkpointer, orchestra: orchestra() }))();
    this.#made.set(name, making);
    // What failed once may succeed the next time.
    making.catch(() => this.#made.delete(name));
    return making;
  }
}
