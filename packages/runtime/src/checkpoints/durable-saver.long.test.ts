import { openOnPglite, openOnServer } from "../test-support/databases.ts";
import { checkSaver } from "../test-support/saver-suite.ts";

checkSaver("pglite", openOnPglite);
checkSaver("postgres", openOnServer, ["list"]);
