// The same on PGlite.
await import("./runs.test.ts");
