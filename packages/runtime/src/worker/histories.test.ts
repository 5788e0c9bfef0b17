import { describeHistories } from "../test-support/describe-histories.ts";

// Many more: histories.long.test.ts.
describeHistories(12);
