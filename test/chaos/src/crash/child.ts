import { openDatabase } from "@orchestra/runtime";
import { BreakableDatabase } from "./breakable-database.ts";
import type { Case } from "./case.ts";
import { drive } from "./drive.ts";
import { environmentFor, openOn } from "./site.ts";
import { shapes } from "./shapes.ts";

/** The first argument of the process, as JSON. */
export interface ChildOrders {
  readonly home: string;
  readonly key: string;
  /** Id of the run that forks are made from. */
  readonly origin: string;
  readonly broken: Case;
  readonly sandboxUrl: string;
  readonly worldUrl: string;
}

const orders = JSON.parse(process.argv[2]!) as ChildOrders;
const { home, key, origin, broken, sandboxUrl, worldUrl } = orders;
const breakable = await BreakableDatabase.of(await openDatabase({ home }));
const runtime = await openOn(breakable.database, worldUrl, environmentFor({ url: sandboxUrl }));
await runtime.work({ concurrency: 1 });
const shape = shapes(worldUrl)[broken.shape];
void breakable.breakAt(broken);
await drive(runtime, { shape, key, origin }, new AbortController().signal);
// If nothing broke, the parent process gets the number of statements.
process.stdout.write(String(breakable.statements));
await runtime.close();
await breakable.database.close();
