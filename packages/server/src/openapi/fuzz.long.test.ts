// The same with 20,000 requests.
await import("./fuzz.test.ts");
