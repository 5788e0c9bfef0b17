const refusals =
  /unsupported|not\W+support|unavailable|not (allowed|permitted|available|enabled|implemented|recognized|accepted|compatible|expect)|unknown|unrecognized|unexpected|invalid|extra|does(n't| not)|is ?n[o']t|cannot|can't|can only|must (not|be)|may only|only .* (is|are) (supported|allowed)|incompatible|no endpoints found that support|deprecated|disabled|no such|drop_params|must be verified|verified to/i;

/** Messages of servers that failed because of a parameter, instead of refusing it. */
const failures =
  /unsupported|not\W+support|unexpected keyword|unknown (field|parameter|argument|name)|unrecognized|got an unexpected|extra (inputs|fields)|not (permitted|implemented)|drop_params/i;

/** Whether a message refuses a part of a request. */
export function speaksOfParameter(message: string, isFailure: boolean): boolean {
  return (isFailure ? failures : refusals).test(message);
}

/** Whether a message names a field in quotes, as most servers do; keys of JSON do not count. */
export function quotesField(message: string, field: string): boolean {
  // In bodies that are shown unparsed, quotes are escaped.
  return new RegExp(
    `'${field}'|\`${field}\`|\\\\?"${field}\\\\?"(?!\\s*:)|\\b(parameter|argument|field|property|param)s?:? ${field}\\b(?! ?(must|is required))`,
  ).test(message);
}

export function namesField(message: string, ...fields: readonly string[]): boolean {
  return fields.some((field) => new RegExp(`(?<![a-z_])${field}(?![a-z_])`, "i").test(message));
}
