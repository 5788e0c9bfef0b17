import { describeHistories } from "../test-support/describe-histories.ts";

// As many as one likes: HISTORIES=20000 PROPERTY_SEED=7 pnpm test:long histories
describeHistories(Number(process.env["HISTORIES"] ?? 500));
