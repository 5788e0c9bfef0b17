// Before the first test file of each worker.
import "./plain-urls.ts";
import "./seed-properties.ts";
