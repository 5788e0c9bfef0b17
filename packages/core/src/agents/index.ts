export { Agent } from "./agent.ts";
export { AgentChain } from "./agent-chain.ts";
export { defineRole } from "./define-role.ts";
export type { PartialAnswer, RoleDefinition } from "./role-definition.ts";
export { idempotencyKeyOf } from "./idempotency-key.ts";
export type { Role } from "./role.ts";
export * from "./roles/index.ts";
