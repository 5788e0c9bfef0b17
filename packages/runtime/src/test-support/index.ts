/** For the tests of other packages of this repository; it is not published. */
export { describeServerFirst, openOnServer } from "./databases.ts";
export { holdLimits, holdReads } from "./hold-statements.ts";
export { answerPipeline, question } from "./test-runtime.ts";
