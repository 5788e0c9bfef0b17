import { configureGlobal } from "fast-check";

/** Properties try the same cases in each run; another seed tries others: `PROPERTY_SEED=7 pnpm test`. */
export function seedProperties(): void {
  configureGlobal({ seed: Number(process.env["PROPERTY_SEED"] ?? 2026) });
}
