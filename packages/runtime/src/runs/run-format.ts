/**
 * The format in which this version stores what belongs to a run: its journal and checkpoints, what it waits
 * for, its decisions. Raise it when an earlier version would misread that; `docs/decisions/0009` says how.
 */
export const runFormat = 1;
