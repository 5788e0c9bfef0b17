/**
 * Work near its end goes first, so that runs finish instead of all being half done.
 *
 * Roles of one's own are given a number: above 2 to go before the executor, below 0 to go last.
 */
const rolePriorities = { researcher: 0, validator: 1, executor: 2 } as const;

/** Higher goes first; a built-in role's name stands for its number: 0, 1, 2 in the order below. */
export type Priority = number | keyof typeof rolePriorities;

/**
 * The number behind a priority.
 *
 * @throws {RangeError} for `NaN`, which has no place in an order
 */
export function rankOf(priority: Priority): number {
  const rank = typeof priority === "string" ? rolePriorities[priority] : priority;
  if (Number.isNaN(rank)) throw new RangeError("A priority is NaN; expected a number");
  return rank;
}

/** Priority of a role by its name: a built-in role's own, 0 for every other. */
export function priorityOfRole(role: string): number {
  return Object.hasOwn(rolePriorities, role)
    ? rolePriorities[role as keyof typeof rolePriorities]
    : 0;
}
