/**
 * Whether `JSON.parse(JSON.stringify(value))` equals the value. Properties that are `undefined` may
 * be lost: reading them gives the same result.
 */
export function isJson(value: unknown, ancestors: readonly object[] = []): boolean {
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
  if (ancestors.includes(value)) return false;
  const path = [...ancestors, value];
  if (Array.isArray(value)) return value.every((item) => isJson(item, path));
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((property) => property === undefined || isJson(property, path))
  );
}
