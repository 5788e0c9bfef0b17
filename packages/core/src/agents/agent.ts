import type { CallbackManagerForChainRun } from "@langchain/core/callbacks/manager";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import {
  patchConfig,
  Runnable,
  type RunnableConfig,
  type RunnableLike,
} from "@langchain/core/runnables";
import { prettyIssues } from "../errors/describe-issue.ts";
import { ArgumentError, InvalidInputError, ModelError } from "../errors/index.ts";
import { stepOf } from "../journal/index.ts";
import type { CallServices } from "../call/index.ts";
import { OutputSchema } from "../completions/index.ts";
import { checkInput } from "../input/check-input.ts";
import { runIdOf, type RoleModel, type RunConfigurable } from "../models/index.ts";
import { runConfig } from "../models/call-options-schema.ts";
import { chain, type AgentChain } from "./agent-chain.ts";
import { roleSchema } from "./check-role.ts";
import type { Role } from "./role.ts";
import { runToolLoop } from "./tool-loop.ts";

/**
 * A role bound to a model: a LangChain runnable with typed input and output. Without tools it is a
 * prompt and one model call; with tools it is LangChain's `createAgent` over the role model.
 */
export class Agent<Input, Output> extends Runnable<Input, Output> {
  override lc_namespace = ["orchestra", "agents"];
  readonly role: Role<Input, Output>;
  readonly model: RoleModel;
  readonly #services: CallServices;
  readonly #schema: OutputSchema;
  readonly #bound: RoleModel;

  constructor(role: Role<Input, Output>, model: RoleModel, services: CallServices) {
    if (!role?.answer) checkInput(roleSchema, role, "new Agent()", "role");
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
    this.#schema = new OutputSchema(role.answer);
    this.#bound = model.with({ delivery: "buffered" });
    this.name = role.name;
  }

  static override lc_name(): string {
    return "Agent";
  }

  /**
   * @throws {InvalidInputError} for input off the role's schema
   * @throws {ArgumentError} for a config that cannot work
   * @throws {CallFailedError} when retries and fallbacks are used up
   */
  override async invoke(input: Input, config?: Partial<RunnableConfig>): Promise<Output> {
    if (config !== undefined && !runConfig.safeParse(config).success) {
      checkInput(runConfig, config, "The agent's call", "config");
    }
    return this._callWithConfig(this.#run.bind(this) as never, input, {
      runName: this.role.name,
      ...config,
    });
  }

  override pipe<Next>(next: RunnableLike<Output, Next>): AgentChain<Input, Exclude<Next, Error>> {
    return chain(this, next);
  }

  async #run(
    given: Input,
    config: RunnableConfig,
    runManager?: CallbackManagerForChainRun,
  ): Promise<Output> {
    const { name } = this.role;
    const { on_event, journal, step } = (config.configurable ?? {}) as RunConfigurable;
    // Only what is journaled, or has an idempotency key, has a place in its run.
    const hasPlace = journal !== undefined || this.role.tools.length > 0;
    const place = hasPlace ? { step: step ?? stepOf(config) } : {};
    const runId = runIdOf(config);
    const { emit } = this.#services;
    emit({ type: "agent-start", runId, role: name, model: this.model.model }, on_event);
    let output: Output | undefined;
    try {
      output = await this.#answer(this.#parse(given), {
        ...(runManager ? patchConfig(config, { callbacks: runManager.getChild() }) : config),
        configurable: { ...config.configurable, run_id: runId, ...place },
      });
      return output;
    } finally {
      const ended = output === undefined ? {} : { output };
      emit({ type: "agent-end", runId, role: name, ...ended }, on_event);
    }
  }

  #parse(given: Input): unknown {
    const { name, input } = this.role;
    let parsed: ReturnType<typeof input.safeParse>;
    try {
      parsed = input.safeParse(given);
    } catch (cause) {
      throw unusable(name, cause);
    }
    if (parsed.success) return parsed.data;
    throw new InvalidInputError(name, prettyIssues(parsed.error));
  }

  async #answer(input: unknown, config: RunnableConfig): Promise<Output> {
    const { role } = this;
    // The shape of the answer, with the role's own check of an answer against its input.
    const outputSchema = role.check
      ? this.#schema.withCheck((answer) => role.check?.(answer, input) ?? [])
      : this.#schema;
    let prompt: string;
    try {
      prompt = role.prompt(input);
    } catch (cause) {
      throw unusable(role.name, cause);
    }
    const messages = [new HumanMessage(prompt)];
    const message =
      role.tools.length === 0
        ? await this.#bound.invoke([new SystemMessage(role.system), ...messages], {
            ...config,
            outputSchema,
          })
        : await runToolLoop(
            {
              role,
              model: this.#bound.withConfig({ outputSchema }),
              toolLimits: this.#services.toolLimits,
            },
            messages,
            config,
          );
    const reading = await this.#schema.read(message.text);
    if (reading.kind !== "answer") throw withoutAnswer(role.name);
    return role.finish ? role.finish(reading.value, input) : (reading.value as Output);
  }
}

/** The error of an input that is nested without end; other errors are those of the role's own code. */
function unusable(role: string, cause: unknown): unknown {
  const isEndless =
    cause instanceof RangeError || (cause instanceof TypeError && /circular/i.test(cause.message));
  return isEndless
    ? new InvalidInputError(
        role,
        "it contains itself, or is nested too deep: expected a value that JSON can hold",
        { cause },
      )
    : cause;
}

function withoutAnswer(name: string): ModelError {
  return new ModelError(`The ${name} ended without an answer that fits its schema`, {
    kind: "invalid_response_error",
    reason: "off_schema",
  });
}
