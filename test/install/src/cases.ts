import { oldestNode } from "./oldest-node.ts";

/** Lowest versions of the peer ranges: what the packages promise to work with. */
export const lowestPeers = {
  "@langchain/core": "1.2.18",
  "@langchain/langgraph": "1.5.3",
  "@langchain/openai": "1.5.0",
  langchain: "1.5.0",
  pg: "8.15.0",
  zod: "4.4.0",
} as const;

export interface InstallCase {
  readonly manager: "npm" | "pnpm";
  /** Version of Node.js, which the package manager and the programs run on. */
  readonly node: string;
  readonly peers: "lowest" | "newest";
  readonly typescript: string;
}

/** Not every combination: every value, and the pairs that are likely to differ. */
export const cases: readonly InstallCase[] = [
  { manager: "npm", node: `${oldestNode}.0`, peers: "lowest", typescript: "5.9.3" },
  { manager: "pnpm", node: "22", peers: "lowest", typescript: "7.0.2" },
  { manager: "pnpm", node: "24", peers: "newest", typescript: "5.9.3" },
  { manager: "npm", node: "26", peers: "newest", typescript: "7.0.2" },
];

/** What the packages refuse. */
export const tooOld = ["18", "20"] as const;
