// What the quick suite runs on PostgreSQL alone: here on PGlite.
await import("./events/follow.test.ts");
await import("./events/live-answers.test.ts");
await import("./events/news.test.ts");
await import("./export-compare.test.ts");
await import("./fork.test.ts");
await import("./odd-text.test.ts");
await import("./runtime.test.ts");
await import("./schedules.test.ts");
await import("./stored-values.test.ts");
await import("./worker/going-on.test.ts");
await import("./worker/one-writer.test.ts");
await import("./worker/rolling-deploy.test.ts");
await import("./worker/versions.test.ts");
await import("./worker/waits.test.ts");
await import("./wrong-arguments.test.ts");
