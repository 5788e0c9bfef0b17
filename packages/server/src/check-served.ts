import type { Gateway } from "@orchestra/core";
import { checkInput, issues, schemas } from "@orchestra/core/extend";
import { z } from "zod";
import type { ServedAgent } from "./agents/served-agent.ts";

const agent = z.custom<ServedAgent>(
  (value) => {
    const { role, invoke, stream } = (value ?? {}) as Partial<ServedAgent>;
    return (
      typeof role?.name === "string" && typeof invoke === "function" && typeof stream === "function"
    );
  },
  { error: issues.expected("an agent, as orchestra.agent() returns it") },
);

const gateway = z.custom<Gateway>(
  (value) => typeof (value as Partial<Gateway> | null)?.completions?.create === "function",
  { error: issues.expected("an Orchestra or a Gateway") },
);

const served = z.looseObject({
  orchestra: gateway.optional(),
  runtime: schemas
    .withMethods("a runtime, as await openRuntime() returns it", "start", "work")
    .optional(),
  agents: z.array(agent).optional(),
  tracing: schemas.withMethods("what openTracing() returns", "requests").optional(),
});

/**
 * Checks what `serve()` serves. Its settings have their own check.
 *
 * @throws {ArgumentError} with every problem
 */
export function checkServed(options: object): void {
  checkInput(served, options, "serve()");
}
