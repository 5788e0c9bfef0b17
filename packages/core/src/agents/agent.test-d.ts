import { expectTypeOf } from "vitest";
import { z } from "zod";
import type { CallServices } from "../call/index.ts";
import type { RoleModel } from "../models/index.ts";
import type { Orchestra } from "../orchestra.ts";
import { Agent, defineRole, type Role } from "./index.ts";

declare const orchestra: Orchestra;

const role = defineRole({
  name: "counter",
  system: "You count.",
  input: z.object({ limit: z.string().transform(Number), step: z.number().default(1) }),
  output: z.object({ sum: z.string().transform(Number) }),
  // Code gets the values after the schemas have parsed the caller's input and the model's answer.
  prompt: ({ limit, step }) => {
    expectTypeOf(limit).toEqualTypeOf<number>();
    expectTypeOf(step).toEqualTypeOf<number>();
    return `Count to ${limit}.`;
  },
  check: ({ sum }, { limit }) => {
    expectTypeOf([sum, limit]).toEqualTypeOf<number[]>();
    return [];
  },
});

interface CounterInput {
  limit: string;
  step?: number | undefined;
}

expectTypeOf(role).toEqualTypeOf<Role<CounterInput, { sum: number }>>();

const agent = orchestra.agent(role);
expectTypeOf(agent).toEqualTypeOf<Agent<CounterInput, { sum: number }>>();
expectTypeOf(agent.invoke({ limit: "3" })).resolves.toEqualTypeOf<{ sum: number }>();
void agent.invoke({ limit: "3", step: 2 });
// @ts-expect-error Callers pass the input of the schema, not its output.
void agent.invoke({ limit: 3 });
// @ts-expect-error A field without a default is required.
void agent.invoke({});

const finished = defineRole({
  name: "namer",
  system: "You name things.",
  input: z.object({ thing: z.string() }),
  output: z.object({ name: z.string() }),
  finish: async ({ name }) => name.length,
});
expectTypeOf(finished).toEqualTypeOf<Role<{ thing: string }, number>>();

const chained = orchestra.agent(finished).pipe((length) => ({ limit: String(length) }));
expectTypeOf(chained.invoke({ thing: "x" })).resolves.toEqualTypeOf<{ limit: string }>();
expectTypeOf(chained.pipe(agent).invoke({ thing: "x" })).resolves.toEqualTypeOf<{ sum: number }>();

expectTypeOf(Agent<string, number>).constructorParameters.toEqualTypeOf<
  [role: Role<string, number>, model: RoleModel, services: CallServices]
>();

defineRole({
  name: "wrong",
  system: "",
  input: z.object({}),
  output: z.object({}),
  // @ts-expect-error An unknown option is an error.
  temprature: 0,
});
