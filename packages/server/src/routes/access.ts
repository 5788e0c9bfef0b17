/** What a key must be allowed to do for a route; `public` takes no key, `any` takes each key. */
export type Access = "public" | "any" | "chat" | "runs:read" | "runs:write" | "admin";
