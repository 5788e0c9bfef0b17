export { keyScopes, type ApiKey, type CreateKeyOptions, type KeyScope } from "./api-key.ts";
export { ApiKeys, type CreatedKey } from "./api-keys.ts";
export { KeyError } from "./key-error.ts";
export type { KeyLimits } from "./key-limits.ts";
export type { KeyRing } from "./key-ring.ts";
