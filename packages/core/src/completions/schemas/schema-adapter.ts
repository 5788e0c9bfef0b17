import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";

/** A zod schema that calls another one. */
export function adapter(schema: StandardSchemaV1): z.ZodType {
  const { validate } = schema["~standard"];
  return z.unknown().transform((value, context) => {
    const read = (result: StandardSchemaV1.Result<unknown>): unknown => {
      if (!result.issues) return result.value;
      for (const { message, path = [] } of result.issues) {
        const keys = path.map((key) => (typeof key === "object" ? key.key : key));
        context.issues.push({ code: "custom", message, path: keys, input: value });
      }
      return z.NEVER;
    };
    const result = validate(value);
    return result instanceof Promise ? result.then(read) : read(result);
  });
}
