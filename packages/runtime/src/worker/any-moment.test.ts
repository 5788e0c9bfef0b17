import { testEachNthMoment } from "../test-support/each-nth-moment.ts";

// After each statement: any-moment.long.test.ts.
testEachNthMoment(6);
