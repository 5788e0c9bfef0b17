import { randomUUID } from "node:crypto";
import type { CallbackManagerForChainRun } from "@langchain/core/callbacks/manager";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import {
  patchConfig,
  Runnable,
  type RunnableBatchOptions,
  type RunnableConfig,
} from "@langchain/core/runnables";
import { concat } from "@langchain/core/utils/stream";
import { z } from "zod";
import { atCaller } from "../errors/at-caller.ts";
import { quoted } from "../errors/bounded.ts";
import { errorOf } from "../errors/error-of.ts";
import { prettyIssues } from "../errors/describe-issue.ts";
import { ArgumentError, ModelError } from "../errors/index.ts";
import { stepOf } from "../journal/index.ts";
import { readings, type CallServices } from "../call/index.ts";
import { OutputSchema, TextAnswer } from "../completions/schemas/index.ts";
import { checkInput } from "../input/check-input.ts";
import { runIdOf, type RunConfigurable } from "../gateway/call-options.ts";
import type { RoleModel } from "../models/index.ts";
import { runConfig } from "../gateway/call-options-schema.ts";
import {
  chain,
  type AgentChain,
  type Graph,
  type GraphChain,
  type NextGraph,
  type NextStep,
} from "./agent-chain.ts";
import { roleSchema } from "./check-role.ts";
import { nestedTooDeep, schemaThrew, unusableInput } from "./input-errors.ts";
import type { Role } from "./role.ts";
import { streamObject, streamText } from "./stream-answer.ts";
import { streamGrowing } from "./stream-growing.ts";
import { streamUntilLeft } from "./stream-until-left.ts";
import { runToolLoop } from "./tool-loop.ts";

/** The request that an agent sends to its model. */
interface Prepared {
  /** The input, parsed by its schema. */
  readonly input: unknown;
  readonly messages: HumanMessage[];
  readonly outputSchema: OutputSchema;
}

/**
 * A role bound to a model: a LangChain runnable with typed input and output. Without tools it is a
 * prompt and one model call; with tools it is LangChain's `createAgent` over the role model.
 */
export class Agent<Input = unknown, Output = unknown> extends Runnable<Input, Output> {
  override lc_namespace = ["orchestra", "agents"];
  readonly role: Role<Input, Output>;
  readonly model: RoleModel;
  readonly #services: CallServices;
  readonly #schema: OutputSchema;
  readonly #bound: RoleModel;

  constructor(role: Role<Input, Output>, model: RoleModel, services: CallServices) {
    if (typeof role?.prompt !== "function") checkInput(roleSchema, role, "new Agent()", "role");
    if (typeof model?.with !== "function") {
      throw ArgumentError.of(
        "new Agent(): model",
        model,
        "a role model, as orchestra.modelFor() makes it",
      );
    }
    if (typeof services?.emit !== "function") {
      throw ArgumentError.of(
        "new Agent(): services",
        services,
        "the services of calls; orchestra.agent(role) makes agents",
      );
    }
    super();
    this.role = role;
    this.model = model;
    this.#services = services;
    this.#schema = role.answer ? new OutputSchema(role.answer) : new TextAnswer();
    this.#bound = model.with({ delivery: "buffered" });
    this.name = role.name;
  }

  static override lc_name(): string {
    return "Agent";
  }

  /**
   * @throws {ArgumentError} for input that does not fit the role's schema, and for a config that cannot work
   * @throws {CallFailedError} when retries and fallbacks are used up
   */
  override async invoke(input: Input, config?: Partial<RunnableConfig>): Promise<Output> {
    if (config !== undefined && !runConfig.safeParse(config).success) refuse(config);
    return this._callWithConfig(this.#run.bind(this) as never, input, {
      runName: this.role.name,
      ...config,
    });
  }

  override batch(
    inputs: Input[],
    options?: Partial<RunnableConfig> | Partial<RunnableConfig>[],
    batchOptions?: RunnableBatchOptions & { returnExceptions?: false },
  ): Promise<Output[]>;
  override batch(
    inputs: Input[],
    options?: Partial<RunnableConfig> | Partial<RunnableConfig>[],
    batchOptions?: RunnableBatchOptions,
  ): Promise<(Output | Error)[]>;
  /** @throws {ArgumentError} for a value that is not a list of inputs */
  override batch(
    ...given: Parameters<Runnable<Input, Output>["batch"]>
  ): Promise<(Output | Error)[]> {
    checkInput(z.array(z.unknown()), given[0], "batch()", "inputs");
    return atCaller(super.batch(...given));
  }

  override pipe<Step extends Graph>(graph: Step & NextGraph<Output, Step>): GraphChain<Input, Step>;
  override pipe<Next, Step = unknown>(
    next: Step & NextStep<Output, Next, Step>,
  ): AgentChain<Input, Exclude<Next, Error>>;
  override pipe(next: unknown): AgentChain<Input, unknown> {
    return chain(this, next as Runnable<Output, unknown>);
  }

  /** @throws {ArgumentError} for a config that cannot work */
  override async stream(input: Input, config?: Partial<RunnableConfig>) {
    if (config !== undefined && !runConfig.safeParse(config).success) refuse(config);
    return atCaller(streamUntilLeft(config ?? {}, (own) => super.stream(input, own)));
  }

  /**
   * Streams text in pieces as it arrives; with an output schema, or with the role's `partial`, the output so
   * far. An agent with a `finish` and no `partial` returns its output in one piece. So does an agent with tools
   * that answers in text: text that was read cannot be taken back, and the model may still call a tool.
   *
   * For the same reason, a stream of text that breaks does not start again.
   */
  override async *_streamIterator(
    input: Input,
    config?: Partial<RunnableConfig>,
  ): AsyncGenerator<Output> {
    const { role } = this;
    const isText = role.tools.length > 0 && !role.answer;
    if ((role.finish || isText) && !role.partial) yield this.invoke(input, config);
    else {
      const options = { runName: role.name, ...config };
      yield* this._transformStreamWithConfig(only(input), this.#stream.bind(this), options);
    }
  }

  /** In a chain, only the last step can stream: a step needs the whole answer of the step before it. */
  override async *transform(
    inputs: AsyncGenerator<Input>,
    options: Partial<RunnableConfig>,
  ): AsyncGenerator<Output> {
    let whole: unknown;
    for await (const input of inputs) {
      whole = whole === undefined ? input : concat(whole as string, input as string);
    }
    yield this.invoke(whole as Input, options);
  }

  async #run(
    given: Input,
    config: RunnableConfig,
    runManager?: CallbackManagerForChainRun,
  ): Promise<Output> {
    const run = this.#begin(config, runManager);
    let output: Output | undefined;
    try {
      const { role } = this;
      const prepared = await this.#prepare(given);
      const answer = await this.#answer(prepared, run.config);
      output = role.finish ? await role.finish(answer, prepared.input) : (answer as Output);
      return output;
    } catch (thrown) {
      throw errorOf(thrown, `The role ${quoted(this.role.name)}`);
    } finally {
      this.#services.emit({ ...run.end, ...(output === undefined ? {} : { output }) }, run.onEvent);
    }
  }

  async *#stream(
    inputs: AsyncGenerator<Input>,
    runManager?: CallbackManagerForChainRun,
    config: RunnableConfig = {},
  ): AsyncGenerator<Output> {
    const { value: given } = await inputs.next();
    const { role } = this;
    const run = this.#begin(config, runManager);
    let answer: unknown;
    let output: unknown;
    let text = "";
    try {
      const prepared = await this.#prepare(given as Input);
      const { input, messages, outputSchema } = prepared;
      const asked = [new SystemMessage(role.system), ...messages];
      const hasTools = role.tools.length > 0;
      const parts = hasTools
        ? streamGrowing(role, run.config, (own) => this.#answer(prepared, own))
        : role.answer
          ? streamObject(this.model, asked, outputSchema, run.config)
          : streamText(this.model, asked, outputSchema, run.config);
      for await (const part of parts) {
        answer = !hasTools && typeof part === "string" ? (text += part) : part;
        const soFar = role.partial ? role.partial(answer, input) : (part as Output);
        if (soFar !== undefined) yield soFar;
      }
      output = role.finish ? await role.finish(answer, input) : answer;
      if (role.finish) yield output as Output;
    } catch (thrown) {
      throw errorOf(thrown, `The role ${quoted(role.name)}`);
    } finally {
      this.#services.emit({ ...run.end, ...(output === undefined ? {} : { output }) }, run.onEvent);
    }
  }

  /** Emits `agent-start`, and creates the config by which the agent's calls belong to its run. */
  #begin(config: RunnableConfig, runManager: CallbackManagerForChainRun | undefined) {
    const { name: role } = this.role;
    const configurable = (config.configurable ?? {}) as RunConfigurable;
    const { on_event: onEvent, journal, step, models, parent_id: parentId } = configurable;
    // Only journaled calls, and tool calls with their idempotency keys, need a step.
    const hasPlace = journal !== undefined || this.role.tools.length > 0;
    const place = hasPlace ? { step: step ?? stepOf(config) } : {};
    const runId = runIdOf(config);
    const agentId = randomUUID();
    const parent = parentId === undefined ? {} : { parentId };
    const model = (models && Object.hasOwn(models, role) && models[role]) || this.model.model;
    const start = { type: "agent-start", runId, agentId, ...parent, role, model } as const;
    this.#services.emit(start, onEvent);
    return {
      onEvent,
      end: { type: "agent-end", runId, agentId, role } as const,
      config: {
        ...(runManager ? patchConfig(config, { callbacks: runManager.getChild() }) : config),
        configurable: { ...config.configurable, run_id: runId, parent_id: agentId, ...place },
      },
    };
  }

  /** Parses the input, and creates its message and output schema. */
  async #prepare(given: Input): Promise<Prepared> {
    const { role } = this;
    let parsed: z.ZodSafeParseResult<unknown>;
    try {
      parsed = await role.input.safeParseAsync(given);
    } catch (cause) {
      throw await schemaThrew(role, given, cause);
    }
    if (!parsed.success) throw unusableInput(role.name, prettyIssues(parsed.error));
    const input = parsed.data;
    let prompt: unknown;
    try {
      prompt = await role.prompt(input);
    } catch (cause) {
      throw nestedTooDeep(role.name, cause) ?? cause;
    }
    if (typeof prompt !== "string") {
      const what = `The role ${quoted(role.name)}: what its prompt returned`;
      throw ArgumentError.of(what, prompt, "a text");
    }
    // The check of a role compares an answer with the input.
    const outputSchema = role.check
      ? this.#schema.withCheck((answer) => role.check?.(answer, input) ?? [])
      : this.#schema;
    return { input, messages: [new HumanMessage(prompt)], outputSchema };
  }

  /** The model's answer, before the role's `finish`. */
  async #answer({ messages, outputSchema }: Prepared, config: RunnableConfig): Promise<unknown> {
    const { role } = this;
    const { toolLimits, emit } = this.#services;
    const asked = [new SystemMessage(role.system), ...messages];
    const message =
      role.tools.length === 0
        ? await this.#bound.invoke(asked, { ...config, outputSchema })
        : await runToolLoop(
            { role, model: this.#bound.withConfig({ outputSchema }), toolLimits, emit },
            messages,
            config,
          );
    // LangChain copies the message, but keeps its object `additional_kwargs`, by which the parsed answer is
    // found. A check may have changed that answer: it is parsed again.
    const known = role.check ? undefined : readings.get(message.additional_kwargs);
    const reading = known ?? (await this.#schema.read(message.text));
    if (reading.kind !== "answer") throw withoutAnswer(role.name);
    return reading.value;
  }
}

/** @throws {ArgumentError} for an invalid config */
function refuse(config: object): void {
  checkInput(runConfig, config, "The agent's call", "config");
}

function withoutAnswer(name: string): ModelError {
  return new ModelError(`The ${name} ended without an answer that matches its schema`, {
    kind: "invalid_response_error",
    reason: "off_schema",
  });
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
