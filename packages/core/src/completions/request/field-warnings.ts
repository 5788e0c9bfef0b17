import { shown } from "../../errors/explain-issue.ts";
import { typos } from "../../errors/typos.ts";

/** The documented values of a text field, or the documented fields of an object. */
interface Documented {
  readonly values?: readonly string[];
  readonly fields?: Readonly<Record<string, Documented>>;
}

const any: Documented = {};
const anyOf = (names: string) => Object.fromEntries(names.split(" ").map((name) => [name, any]));
const words = (values: string): Documented => ({ values: values.split(" ") });

const sort = "price throughput latency exacto";
const effort = words("max xhigh high medium low minimal none");

/** The documented fields of a request, and of its nested objects. */
export const documentedNames: Readonly<Record<string, Documented>> = {
  ...anyOf(
    "model models messages plugins session_id user trace cache_control metadata temperature top_p top_k min_p " +
      "max_tokens max_completion_tokens stop seed frequency_penalty presence_penalty repetition_penalty " +
      "logprobs top_logprobs logit_bias n prompt_cache_key parallel_tool_calls transforms " +
      "stream stream_options tools tool_choice response_format",
  ),
  // Other fields that servers support.
  ...anyOf(
    "top_a min_tokens usage route prediction modalities image_config audio web_search_options debug store " +
      "functions function_call structured_outputs include_reasoning safety_identifier prompt_cache_retention",
  ),
  provider: {
    fields: {
      ...anyOf(
        "order only ignore allow_fallbacks require_parameters data_collection zdr " +
          "preferred_min_throughput preferred_max_latency enforce_distillable_text",
      ),
      sort: {
        values: sort.split(" "),
        fields: { by: words(sort), partition: words("model none") },
      },
      max_price: { fields: anyOf("prompt completion request image audio") },
      quantizations: words("int4 int8 fp4 fp6 fp8 fp16 bf16 fp32 unknown"),
    },
  },
  reasoning: {
    fields: {
      ...anyOf("max_tokens exclude enabled"),
      effort,
      summary: words("auto concise detailed"),
    },
  },
  reasoning_effort: effort,
  service_tier: words("auto default flex priority scale"),
  verbosity: words("low medium high xhigh max"),
};

/**
 * Finds probable mistakes in valid request fields: a name that is similar to a documented one,
 * and a value that is not documented. Other unknown fields belong to a server.
 *
 * @param where - The object that contains the fields, such as `request`.
 * @param documented - @defaultValue those of a request
 */
export function fieldWarnings(
  fields: unknown,
  where: string,
  documented: Documented = { fields: documentedNames },
): string[] {
  if (typeof fields === "string") {
    const { values } = documented;
    return !values || values.includes(fields)
      ? []
      : [`${where} is ${shown(fields)}, which OpenRouter does not document: ${values.join(", ")}`];
  }
  if (typeof fields !== "object" || fields === null) return [];
  if (Array.isArray(fields)) {
    const all = documented.values ? fields : [];
    return all.flatMap((item, at) => fieldWarnings(item, `${where}[${at}]`, documented));
  }
  const { fields: names } = documented;
  if (!names) return [];
  return Object.entries(fields).flatMap(([name, value]) => {
    if (Object.hasOwn(names, name)) return fieldWarnings(value, `${where}.${name}`, names[name]);
    const meant = Object.keys(names).find((other) => isMisspelt(name, other));
    return meant ? [`${where}.${name} is not a documented field (did you mean ${meant}?)`] : [];
  });
}

/** Whether a name is similar to another: the typing errors are at most a sixth of it. */
function isMisspelt(name: string, other: string): boolean {
  const maxTypos = Math.min(2, Math.max(1, Math.floor(other.length / 6)));
  if (Math.abs(name.length - other.length) > maxTypos) return false;
  return typos(name.toLowerCase().replaceAll("-", "_"), other) <= maxTypos;
}
