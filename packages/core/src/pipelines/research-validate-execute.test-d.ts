import { Command } from "@langchain/langgraph";
import { expectTypeOf } from "vitest";
import type { Deliverable, Findings, ResearchTask, Review } from "../agents/index.ts";
import type { Orchestra } from "../orchestra.ts";
import {
  researchValidateExecute,
  type PipelineInput,
  type PipelineState,
  type ResearchValidateExecute,
} from "./index.ts";

declare const orchestra: Orchestra;

const researcher = orchestra.researcher();
const validator = orchestra.validator();
const executor = orchestra.executor();
const graph = researchValidateExecute({ researcher, validator, executor });

expectTypeOf(graph).toEqualTypeOf<ResearchValidateExecute>();
expectTypeOf(graph.invoke({ task: "When?" })).resolves.toEqualTypeOf<PipelineState>();
expectTypeOf<PipelineInput>().toEqualTypeOf<{ readonly task: string; readonly runId?: string }>();
expectTypeOf<PipelineState["findings"]>().toEqualTypeOf<Findings | undefined>();
expectTypeOf<PipelineState["status"]>().toEqualTypeOf<"succeeded" | "rejected" | undefined>();
// Every run has an id, for its line in the ledger.
expectTypeOf<PipelineState["runId"]>().toEqualTypeOf<string>();
void graph.stream({ task: "When?" }, { streamMode: "custom" });
// A run that waits for a person, or was interrupted, continues without a task.
void graph.invoke(new Command({ resume: { decision: "approve" } }));
void graph.invoke(null);

// @ts-expect-error A run needs a task.
void graph.invoke({});
// @ts-expect-error A run needs a task.
void graph.stream({});
// @ts-expect-error A task is a text.
void graph.invoke({ task: 7 });
// @ts-expect-error The graph sets the fields of its state itself.
void graph.invoke({ task: "When?", review: undefined });
// @ts-expect-error A validator does not return a deliverable.
researchValidateExecute({ researcher, validator: executor, executor });

expectTypeOf<(typeof researcher)["invoke"]>().parameter(0).toEqualTypeOf<ResearchTask>();
expectTypeOf<(typeof validator)["invoke"]>().returns.resolves.toEqualTypeOf<Review>();
expectTypeOf<(typeof executor)["invoke"]>().returns.resolves.toEqualTypeOf<Deliverable>();
