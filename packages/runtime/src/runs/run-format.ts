/**
 * The highest format of runs that this version can read: of a run, its journal and checkpoints,
 * its questions and decisions. Increase it when an earlier version would misread the stored data;
 * `docs/decisions/0009` describes how.
 */
export const runFormat = 3;

/** Forks: earlier versions would start them from their input, with the roles' own models. */
export const forkFormat = 2;

/** Runs of a client's key: earlier versions would not limit their calls. All others have 1. */
export const keyFormat = 3;
