import { Orchestra } from "@orchestra/core";

const poet = new Orchestra().agent({ name: "poet", system: "You write haiku." });

const haiku = await poet.invoke("A circuit breaker opens.");
console.log(haiku);

for await (const text of await poet.stream("A request is sent again.")) process.stdout.write(text);
