import { defineRole, type Orchestra } from "@orchestra/core";
import { z } from "zod";
import { benchModel } from "../../servers/canned.ts";
import { maxTokens } from "../clients.ts";
import { drain, messages, names, question, system, wireMessages, type Client } from "./client.ts";

/** The counterpart of the `openai` client: JSON in, JSON out. */
export function completionsClient(orchestra: Orchestra): Client {
  const { completions } = orchestra;
  const request = { model: benchModel, max_tokens: maxTokens, messages: wireMessages };
  return {
    name: names.completions,
    call: () => completions.create(request, {}),
    stream: async () =>
      drain(
        await completions.create(
          { ...request, stream: true, stream_options: { include_usage: true } },
          {},
        ),
      ),
  };
}

export function roleModelClient(name: string, orchestra: Orchestra): Client {
  const model = orchestra.modelFor("bench", { maxTokens });
  return {
    name,
    call: () => model.invoke(messages()),
    stream: async () => drain(await model.stream(messages())),
  };
}

/** An agent returns whole answers, which it parses and checks. Upstream it streams them. */
export function agentClient(name: string, orchestra: Orchestra): Client {
  const role = defineRole({
    name: "bench",
    system,
    maxTokens,
    input: z.object({ question: z.string() }),
    output: z.object({ text: z.string() }),
  });
  const agent = orchestra.agent(role);
  const call = () => agent.invoke({ question });
  return { name, call, stream: call };
}
