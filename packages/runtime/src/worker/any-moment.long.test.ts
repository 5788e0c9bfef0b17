import { testEachNthMoment } from "../test-support/each-nth-moment.ts";

testEachNthMoment(1);
