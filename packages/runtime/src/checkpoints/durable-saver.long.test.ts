import { openOnPglite } from "../test-support/databases.ts";
import { checkSaver } from "../test-support/saver-suite.ts";

checkSaver("pglite", openOnPglite);
