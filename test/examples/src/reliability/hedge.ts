import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: {
    hedgeAfterMs: "p95", // or a fixed time, such as 2000
    coalesce: true,
  },
});
const [one, two] = await Promise.all([
  orchestra.chat("What is a hedge?"),
  orchestra.chat("What is a hedge?"), // the same call: sent once
]);
console.log(one.text === two.text, orchestra.ledger.total.calls);
