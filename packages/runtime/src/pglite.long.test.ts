// What the quick suite runs on PostgreSQL alone: here on PGlite.
import "./events/follow.test.ts";
import "./events/live-answers.test.ts";
import "./events/news.test.ts";
import "./odd-text.test.ts";
import "./schedules.test.ts";
import "./worker/going-on.test.ts";
import "./worker/one-writer.test.ts";
import "./worker/versions.test.ts";
import "./worker/waits.test.ts";
import "./wrong-arguments.test.ts";
