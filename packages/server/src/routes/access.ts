/** What a key must be allowed to do for a route; `public` takes no key. */
export type Access = "public" | "chat" | "runs:read" | "runs:write" | "admin";
