/**
 * Whether JSON gives a value back as it was. Properties that are `undefined` may go: they read the
 * same.
 */
export function isJson(value: unknown, around: readonly object[] = []): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (around.includes(value)) return false;
  const within = [...around, value];
  if (Array.isArray(value)) return value.every((part) => isJson(part, within));
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((part) => part === undefined || isJson(part, within))
  );
}
