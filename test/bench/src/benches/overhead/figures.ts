import type { Rounds } from "../../measure/contest.ts";
import { medianRatio } from "../../measure/statistics.ts";
import { names, type ClientName } from "./client.ts";

/** How the calls are made: one after another, as a stream of many chunks, or many at once. */
export type Contest = "sequential" | "stream" | "concurrent";

/** The time of one client over that of another. */
export interface OverheadFigure {
  readonly contest: Contest;
  readonly ours: ClientName;
  readonly theirs: ClientName;
  /** The most that the ratio should be. */
  readonly target: number;
}

export const overheadFigures = {
  completionsVsOpenAI: {
    contest: "sequential",
    ours: names.completions,
    theirs: names.openai,
    target: 0.7,
  },
  completionsStreamVsOpenAI: {
    contest: "stream",
    ours: names.completions,
    theirs: names.openai,
    target: 0.7,
  },
  roleModelVsChatOpenAI: {
    contest: "sequential",
    ours: names.roleModel,
    theirs: names.chatOpenAI,
    target: 0.75,
  },
  roleModelEverythingOnVsChatOpenAI: {
    contest: "sequential",
    ours: names.roleModelOn,
    theirs: names.chatOpenAI,
    target: 0.9,
  },
  concurrentRoleModelVsChatOpenAI: {
    contest: "concurrent",
    ours: names.roleModel,
    theirs: names.chatOpenAI,
    target: 0.6,
  },
  concurrentRoleModelEverythingOnVsChatOpenAI: {
    contest: "concurrent",
    ours: names.roleModelOn,
    theirs: names.chatOpenAI,
    target: 0.75,
  },
  liveStreamVsChatOpenAI: {
    contest: "stream",
    ours: names.roleModel,
    theirs: names.chatOpenAI,
    target: 0.65,
  },
  agentVsLcel: { contest: "sequential", ours: names.agentOn, theirs: names.lcel, target: 0.75 },
  agentWithDefaultsVsLcel: {
    contest: "sequential",
    ours: names.agent,
    theirs: names.lcel,
    target: 0.75,
  },
  concurrentVsLcel: {
    contest: "concurrent",
    ours: names.agentOn,
    theirs: names.lcel,
    target: 0.75,
  },
  concurrentWithDefaultsVsLcel: {
    contest: "concurrent",
    ours: names.agent,
    theirs: names.lcel,
    target: 0.75,
  },
  streamVsLcel: { contest: "stream", ours: names.agentOn, theirs: names.lcel, target: 0.75 },
  streamWithDefaultsVsLcel: {
    contest: "stream",
    ours: names.agent,
    theirs: names.lcel,
    target: 0.75,
  },
} as const satisfies Readonly<Record<string, OverheadFigure>>;

export type OverheadFigureName = keyof typeof overheadFigures;

/** The ratio of each figure: the median of the ratios of the rounds. */
export function ratiosOf(
  contests: Readonly<Record<Contest, Rounds>>,
): Readonly<Record<OverheadFigureName, number>> {
  const entries = Object.entries<OverheadFigure>(overheadFigures);
  return Object.fromEntries(
    entries.map(([name, { contest, ours, theirs }]) => [
      name,
      medianRatio(contests[contest].get(ours) ?? [], contests[contest].get(theirs) ?? []),
    ]),
  ) as Record<OverheadFigureName, number>;
}
