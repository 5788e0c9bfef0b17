/** The text that is being written: the last one in an object that grows. */
export function lastText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  return (
    Object.values(value)
      .map(lastText)
      .findLast((text) => text !== "") ?? ""
  );
}
