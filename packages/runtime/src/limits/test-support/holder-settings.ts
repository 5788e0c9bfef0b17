/** Time after which the holder counts as dead; long enough for a slow process on a busy machine. */
export const deadAfterMs = 4000;
