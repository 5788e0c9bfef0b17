/**
 * The highest format of runs that this version reads: of what belongs to a run, its journal and checkpoints,
 * what it waits for, its decisions. Raise it when an earlier version would misread what is stored;
 * `docs/decisions/0009` says how.
 */
export const runFormat = 3;

/** Of forks: earlier versions would begin them from their input, with the roles' own models. */
export const forkFormat = 2;

/** Of runs of a client's key: earlier versions would not limit their calls. All others have 1. */
export const keyFormat = 3;
