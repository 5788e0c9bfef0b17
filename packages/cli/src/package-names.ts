/** The packages of Orchestra, without their scope `@orchestra/`. They have one version. */
export const packageNames = ["core", "tools", "runtime", "server", "cli", "sandbox"] as const;
