/** After which the holder counts as dead; long enough for one that has hardly any of a busy machine. */
export const deadAfterMs = 4000;
