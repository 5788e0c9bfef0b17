import type { Runnable } from "@langchain/core/runnables";
import { ArgumentError, type Gateway } from "@orchestra/core/gateway";
import { UnknownPipelineError } from "../errors/index.ts";
import { checkNames, keyOf, versionOf, type Pipeline, type PipelineContext } from "./pipeline.ts";

/** The context of pipelines; a process that runs none needs no key for the models. */
interface LazyContext {
  readonly checkpointer: () => Promise<PipelineContext["checkpointer"]>;
  readonly gateway: () => Gateway;
}

/** The pipelines that this process knows, each created when it is first needed. */
export class PipelineRegistry {
  /** By name and version; of each name, the version for new runs comes last. */
  readonly #pipelines: ReadonlyMap<string, Pipeline>;
  readonly #made = new Map<string, Promise<Runnable>>();
  readonly #context: LazyContext;
  #gateway: Gateway | undefined;
  #orchestra: PipelineContext["orchestra"] | undefined;

  /** @throws {ArgumentError} for an invalid name or version, and if two pipelines have the same name and version */
  constructor(pipelines: readonly Pipeline[], context: LazyContext) {
    for (const pipeline of pipelines) checkNames(pipeline);
    this.#pipelines = new Map(pipelines.map((pipeline) => [keyOfPipeline(pipeline), pipeline]));
    this.#context = context;
    if (this.#pipelines.size < pipelines.length) {
      throw new ArgumentError(
        "Two pipelines have the same name and version: expected a different name or version for each",
      );
    }
  }

  /** The name and version of each pipeline, as one text. */
  get keys(): readonly string[] {
    return [...this.#pipelines.keys()];
  }

  /** The roles that are known so far: creating a pipeline adds its own. */
  get roles(): readonly string[] {
    return this.#getGateway().roles;
  }

  /**
   * The version of a pipeline for new runs: the last one with this name.
   *
   * @throws {UnknownPipelineError}
   */
  current(name: string): Pipeline {
    const pipeline = [...this.#pipelines.values()].findLast((each) => each.name === name);
    if (!pipeline) throw new UnknownPipelineError(name, this.#names());
    return pipeline;
  }

  /** @throws {UnknownPipelineError} */
  get(name: string, version: string): Pipeline {
    const pipeline = this.#pipelines.get(keyOf({ name, version }));
    if (!pipeline) throw new UnknownPipelineError(keyOf({ name, version }), this.keys);
    return pipeline;
  }

  /**
   * @throws {UnknownPipelineError} and any error of the pipeline's `create`
   * @throws {ArgumentError} if it returns something else
   */
  runnable(name: string, version: string): Promise<Runnable> {
    const key = keyOf({ name, version });
    const made = this.#made.get(key);
    if (made) return made;
    const making = (async () => {
      const pipeline = this.get(name, version);
      const orchestra = await this.#getOrchestra();
      const checkpointer = await this.#context.checkpointer();
      const runnable = await pipeline.create({ checkpointer, orchestra });
      if (isRunnable(runnable)) {
        refuseBreakpoints(name, runnable);
        return runnable;
      }
      const what = `The pipeline ${name}: what its create() returns`;
      throw ArgumentError.of(
        what,
        runnable,
        "a runnable, such as a compiled graph, or RunnableLambda.from() of a function",
      );
    })();
    this.#made.set(key, making);
    // After a failure, the next attempt may succeed.
    making.catch(() => this.#made.delete(key));
    return making;
  }

  #getGateway(): Gateway {
    this.#gateway ??= this.#context.gateway();
    return this.#gateway;
  }

  /** Loads LangChain, which a process that creates no pipeline does not need. */
  async #getOrchestra(): Promise<PipelineContext["orchestra"]> {
    const gateway = this.#getGateway();
    const { Orchestra } = await import("@orchestra/core");
    this.#orchestra ??= new Orchestra(gateway);
    return this.#orchestra;
  }

  #names(): string[] {
    return [...new Set([...this.#pipelines.values()].map(({ name }) => name))];
  }
}

function isRunnable(made: unknown): made is Runnable {
  return typeof (made as Partial<Runnable> | null | undefined)?.invoke === "function";
}

/** @throws {ArgumentError} for a graph that stops at steps without a question: no one could answer */
function refuseBreakpoints(name: string, runnable: Runnable): void {
  for (const option of ["interruptBefore", "interruptAfter"] as const) {
    const { [option]: steps } = runnable as { readonly [key in typeof option]?: unknown };
    if (steps === undefined || (Array.isArray(steps) && steps.length === 0)) continue;
    throw new ArgumentError(
      `The pipeline ${name} was compiled with ${option} (${JSON.stringify(steps)}): a run cannot stop there, because there is no question that a person could answer. Call interrupt() in the step, or ask for an approval.`,
    );
  }
}

function keyOfPipeline(pipeline: Pipeline): string {
  return keyOf({ name: pipeline.name, version: versionOf(pipeline) });
}
