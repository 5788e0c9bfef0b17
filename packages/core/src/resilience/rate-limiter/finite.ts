/** Leaves out what is infinite, which JSON does not have; what is absent stands for it. */
export function finite<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
): { [Key in Name]?: number } {
  const entries = Object.entries<number>(numbers).filter(([, number]) => Number.isFinite(number));
  return Object.fromEntries(entries) as { [Key in Name]?: number };
}
