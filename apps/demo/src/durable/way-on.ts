import type { AskCommand, ResumeCommand } from "../arguments.ts";
import type { Attended } from "./supervisor.ts";

/** Command that goes on with a run; nothing where it has come to its end, with an answer or without. */
export function wayOn(
  runId: string,
  attended: Attended | undefined,
  { model }: AskCommand | ResumeCommand,
): string | undefined {
  const status = attended?.kind === "ended" ? attended.run.status : undefined;
  if (status === "succeeded" || status === "rejected") return undefined;
  const own = model === undefined ? "" : ` --model ${model}`;
  return `npx -y pnpm@12 demo --durable --resume ${runId}${own}`;
}
