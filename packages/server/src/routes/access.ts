/** The permission that a route requires; `public` requires no key, `any` any key. */
export type Access = "public" | "any" | "chat" | "runs:read" | "runs:write" | "admin";
