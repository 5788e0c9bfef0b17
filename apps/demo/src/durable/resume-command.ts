import type { AskCommand, ResumeCommand } from "../arguments.ts";
import type { ProcessOutcome } from "./supervisor.ts";

/** The command that continues a run; `undefined` if the run has ended. */
export function resumeCommand(
  runId: string,
  outcome: ProcessOutcome | undefined,
  { model }: AskCommand | ResumeCommand,
): string | undefined {
  const status = outcome?.kind === "ended" ? outcome.run.status : undefined;
  if (status === "succeeded" || status === "rejected") return undefined;
  const own = model === undefined ? "" : ` --model ${model}`;
  return `npx -y pnpm@12 demo --durable --resume ${runId}${own}`;
}
