import { openPostgres } from "../../database/index.ts";
import { PostgresRateLimiter } from "../postgres-rate-limiter.ts";
import { deadAfterMs } from "./holder-settings.ts";

/**
 * A process with a request in flight: takes a slot, reports it, and keeps it. On request, it
 * closes its database and does nothing else, so that it ends if nothing keeps it alive.
 */
const [url = "", schema = "", account = "", order] = process.argv.slice(2);
const database = await openPostgres({ url, schema, maxConnections: 2 });
const limiter = new PostgresRateLimiter({ database, account, deadAfterMs });
await limiter.acquire();
process.stdout.write("held\n");
if (order === "leave") await database.close();
