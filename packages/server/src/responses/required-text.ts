import { invalidRequest } from "../errors/api-error.ts";

/**
 * A field of a request that must be a text.
 *
 * @throws {ApiError} if it is missing, of another type, or empty
 */
export function requiredText(fields: object, field: string, where: string): string {
  const { [field]: value } = fields as Readonly<Record<string, unknown>>;
  if (typeof value === "string" && value !== "") return value;
  const param = `${where}.${field}`;
  const problem = value === undefined || value === null || value === "" ? "missing" : "not a text";
  throw invalidRequest(`${param} is ${problem}: expected a text.`, { param });
}
