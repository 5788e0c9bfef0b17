import { benchOverhead } from "./benches/overhead.ts";
const r = await benchOverhead({ quick: process.argv.includes("--quick") });
process.stdout.write(JSON.stringify(r, null, 1) + "\n");
