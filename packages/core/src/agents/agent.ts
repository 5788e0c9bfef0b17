import type { CallbackManagerForChainRun } from "@langchain/core/callbacks/manager";
import { AIMessage, HumanMessage, SystemMessage, type BaseMessage } from "@langchain/core/messages";
import {
  patchConfig,
  Runnable,
  type RunnableConfig,
  type RunnableLike,
} from "@langchain/core/runnables";
import { createAgent, type ReactAgent } from "langchain";
import { z } from "zod";
import { InvalidInputError, ModelError } from "../errors/index.ts";
import { stepOf } from "../journal/index.ts";
import {
  AnswerFormat,
  readConfigurable,
  type CallServices,
  type RoleModel,
} from "../models/index.ts";
import type { OrchestraEvent } from "../usage/index.ts";
import { chain, type AgentChain } from "./agent-chain.ts";
import { withOwnSignal } from "./own-signal.ts";
import type { Role } from "./role.ts";
import { toolOnce } from "./tool-once.ts";

/**
 * A role bound to a model: a LangChain runnable with typed input and output. Without tools it is a
 * prompt and one model call; with tools it is LangChain's `createAgent` over the role model.
 */
export class Agent<Input, Answer, Output> extends Runnable<Input, Output> {
  override lc_namespace = ["orchestra", "agents"];
  readonly role: Role<Input, Answer, Output>;
  readonly model: RoleModel;
  readonly #services: CallServices;
  readonly #format: AnswerFormat;
  readonly #bound: RoleModel;

  constructor(role: Role<Input, Answer, Output>, model: RoleModel, services: CallServices) {
    super();
    this.role = role;
    this.model = model;
    this.#services = services;
    this.#format = new AnswerFormat(role.answer);
    this.#bound = model.with({ format: this.#format, delivery: "whole" });
    this.name = role.name;
  }

  static override lc_name(): string {
    return "Agent";
  }

  /**
   * @throws {InvalidInputError} for input off the role's schema
   * @throws {CallFailedError} when retries and fallbacks are used up
   */
  override invoke(input: Input, config?: Partial<RunnableConfig>): Promise<Output> {
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
    const { run_id, on_event, step = stepOf(config) } = readConfigurable(config);
    const runId = run_id ?? runManager?.runId ?? this.#services.createId();
    const emit = (event: OrchestraEvent) => {
      this.#services.onEvent(event);
      on_event?.(event);
    };
    emit({ type: "agent-start", runId, role: name, model: this.model.model });
    let output: Output | undefined;
    try {
      output = await this.#answer(this.#parse(given), {
        ...(runManager ? patchConfig(config, { callbacks: runManager.getChild() }) : config),
        configurable: { ...config.configurable, run_id: runId, step },
      });
      return output;
    } finally {
      emit({ type: "agent-end", runId, role: name, ...(output === undefined ? {} : { output }) });
    }
  }

  #parse(given: Input): Input {
    const parsed = this.role.input.safeParse(given);
    if (parsed.success) return parsed.data;
    throw new InvalidInputError(this.role.name, z.prettifyError(parsed.error));
  }

  async #answer(input: Input, config: RunnableConfig): Promise<Output> {
    const { role } = this;
    const model = this.#modelFor(input);
    const messages = [new HumanMessage(role.prompt(input))];
    const message =
      role.tools.length === 0
        ? await model.invoke([new SystemMessage(role.system), ...messages], config)
        : await this.#loop(model, messages, config);
    return role.finish((await this.#format.parse(message)) as Answer, input);
  }

  /** The model, held to the role's answer; one of its own where the role checks answers against inputs. */
  #modelFor(input: Input): RoleModel {
    const { answer, check } = this.role;
    if (!check) return this.#bound;
    const format = new AnswerFormat(answer, { check: (value) => check(value as Answer, input) });
    return this.#bound.with({ format });
  }

  /** Lets the model call tools until it answers. */
  async #loop(
    model: RoleModel,
    messages: BaseMessage[],
    config: RunnableConfig,
  ): Promise<AIMessage> {
    const { name, system, maxToolRounds } = this.role;
    const { journal } = readConfigurable(config);
    // LangChain tells the model what its tools throw, unless the agent's own signal is aborted. That a
    // journal fails is none of the model's mistakes: it ends the agent.
    const failure = new AbortController();
    const tools = this.role.tools.map((tool) => toolOnce(tool, (error) => failure.abort(error)));
    const agent: ReactAgent = createAgent({
      name,
      model,
      tools,
      systemPrompt: system,
      ...(journal ? { signal: failure.signal } : {}),
    });
    // A round is two steps of the graph, the model's and the tools'; the answer is one more.
    const recursionLimit = maxToolRounds * 2 + 1;
    // With a journal, a loop keeps no checkpoints, unless a tool interrupts it: its rounds can be gone
    // through again for nothing. LangGraph's "exit" is that, for a graph inside another.
    const durability = journal ? { durability: "exit" } : {};
    try {
      const state = await agent.invoke(
        { messages } as never,
        withOwnSignal({ ...config, recursionLimit, ...durability }) as never,
      );
      const last = (state as { messages: BaseMessage[] }).messages.at(-1);
      if (last instanceof AIMessage) return last;
      throw new ModelError(`The ${name} ended without an answer`, {
        kind: "invalid_response_error",
      });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "GraphRecursionError") throw error;
      throw new ModelError(
        `The ${name} called tools ${maxToolRounds} times and had no answer still; raise maxToolRounds`,
        { kind: "invalid_response_error" },
        { cause: error },
      );
    }
  }
}
