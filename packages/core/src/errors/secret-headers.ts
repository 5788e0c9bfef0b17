/** Names of headers whose values are secrets. */
const secretName = /auth|key|token|secret|cookie|session|password|credential|signature/i;

/** Names of headers that identify the client, or describe how to answer. */
const publicName =
  /^(accept.*|cache-control|content-.*|http-referer|origin|pragma|prefer|referer|user-agent|x-title|x-openrouter-.*|x-portkey-.*)$/i;

/** Whether a header's name suggests that its value is a secret. */
export function namesSecret(name: string): boolean {
  // Most of Portkey's headers have "key" in their names for its own.
  return secretName.test(name.toLowerCase().replace("portkey", ""));
}

/** Whether a header with any other name may have a secret as its value, such as `X-Company: x7Kq92pL`. */
export function maySecret(name: string, value: string): boolean {
  return !publicName.test(name) && !/^https?:\/\//i.test(value) && !isReadable(value);
}

const word = /^([a-z]{1,20}|[A-Z]{1,20}|[a-z]{0,20}([A-Z][a-z]{1,20}){1,4})$/;
const number = /^\d{1,8}$/;
/** Such as `4o`, `v2` or `west4`. */
const mixture = /^[a-z\d]{1,5}$/i;
const maxMixtures = 2;

/** Whether a text consists of words and numbers, such as titles, models, regions, dates and versions. */
function isReadable(text: string): boolean {
  const others = text
    .split(/[^A-Za-z\d]+/)
    .filter((part) => part !== "" && !word.test(part) && !number.test(part));
  return others.length <= maxMixtures && others.every((part) => mixture.test(part));
}
