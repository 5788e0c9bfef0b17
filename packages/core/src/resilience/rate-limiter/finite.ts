/** Leaves out infinite numbers, which JSON does not have. An absent number means infinity. */
export function finite<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
): { [Key in Name]?: number } {
  const entries = Object.entries<number>(numbers).filter(([, number]) => Number.isFinite(number));
  return Object.fromEntries(entries) as { [Key in Name]?: number };
}
