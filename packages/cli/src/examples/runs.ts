// The code blocks of docs/runs.md. Tests compare the page with them, and run them.
// oxlint-disable no-console
import { tool } from "@langchain/core/tools";
import { idempotencyKeyOf } from "@orchestra/core";
import { openRuntime, type Pipeline, type Runtime } from "@orchestra/runtime";
import { z } from "zod";

const task = "When was the lighthouse of Vell built?";

export async function startElsewhere(answer: Pipeline): Promise<void> {
  // #region start-elsewhere
  const runtime = await openRuntime({ pipelines: [answer] });
  const { id } = await runtime.start("answer", { task });
  await runtime.close();
  // #endregion
  console.log(id);
}

export async function startOnce(runtime: Runtime): Promise<void> {
  // #region start-once
  const start = () => runtime.start("answer", { task }, { idempotencyKey: "order-4711" });
  const [first, again] = [await start(), await start()];
  console.log(again.id === first.id); // true
  // #endregion
}

export async function follow(runtime: Runtime, id: string): Promise<void> {
  // #region follow
  for await (const event of runtime.events(id)) {
    if (event.type === "text-delta") process.stdout.write(event.text);
    if (event.type === "step-end") console.log(`${event.number}: ${event.step} is done`);
  }
  // #endregion
}

export async function followOn(
  runtime: Runtime,
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  // #region follow-on
  let after: string | undefined;
  for await (const { cursor } of runtime.events(id, { after, signal })) after = cursor;
  // #endregion
  return after;
}

interface Shop {
  order(item: string, options: { readonly idempotencyKey: string | undefined }): Promise<string>;
}

export function orderTool(shop: Shop) {
  // #region tool
  const order = tool(
    ({ item }, config) => shop.order(item, { idempotencyKey: idempotencyKeyOf(config) }),
    { name: "order", description: "Orders an item", schema: z.object({ item: z.string() }) },
  );
  // #endregion
  return order;
}

export async function approve(runtime: Runtime): Promise<void> {
  // #region approve
  const { id } = await runtime.start("answer", { task }, { approval: true });
  for await (const event of runtime.events(id)) {
    if (event.type !== "run-waiting" || event.waiting.for !== "approval") continue;
    console.log(event.waiting.interrupts[0]?.value); // { type: "approval", review: { claims: [ … ], … } }
    await runtime.approve(id, { by: "Ada", note: "Both sources are ours" });
  }
  // #endregion
}

export async function schedule(runtime: Runtime): Promise<void> {
  // #region schedule
  await runtime.schedule({
    key: "morning",
    cron: "0 7 * * 1-5",
    timezone: "Europe/Berlin",
    pipeline: "answer",
    input: { task },
  });
  console.log(await runtime.schedules());
  // #endregion
  // #region unschedule
  await runtime.unschedule("morning");
  // #endregion
}

export async function cancelAndResume(runtime: Runtime, id: string): Promise<void> {
  // #region cancel
  await runtime.cancel(id, "asked the wrong question");
  await runtime.resume(id); // continues where it was, with the answers that it has
  // #endregion
}

export async function retryAndDelete(runtime: Runtime, id: string): Promise<void> {
  // #region retry
  await runtime.retry(id, { from: "validate" }); // makes and pays the calls of this step and all later ones again
  await runtime.wait(id);
  await runtime.delete(id); // with its events, journal and checkpoints
  // #endregion
}

export async function fork(runtime: Runtime, id: string): Promise<void> {
  // #region fork
  const again = await runtime.fork(id); // the same calls cost nothing
  const models = { executor: "anthropic/claude-sonnet-4" };
  const other = await runtime.fork(id, { from: "execute", models });
  console.log((await runtime.wait(other.id)).usage.costUsd, again.forkedFrom?.run);
  // #endregion
}

export async function list(runtime: Runtime): Promise<void> {
  // #region list
  let after: string | undefined;
  do {
    const page = await runtime.list({ status: ["failed", "waiting"], limit: 20, after });
    for (const { id, status, error } of page.runs) console.log(id, status, error?.message);
    after = page.next;
  } while (after !== undefined);
  // #endregion
}

export async function resumeDeadLetters(runtime: Runtime): Promise<void> {
  // #region dead-letters
  const { runs } = await runtime.list({ deadLetters: true });
  for (const { id } of runs) await runtime.resume(id);
  // #endregion
}
