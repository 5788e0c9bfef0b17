import { Orchestra } from "@orchestra/core";
import { pinModel } from "./pin-model.ts";

const orchestra = new Orchestra({ policies: (defaults) => [pinModel(), ...defaults] });

const configurable = { run_id: "run-42" };
const first = await orchestra.model.invoke("What is a retry?", { configurable });
const second = await orchestra.model.invoke("And a fallback?", { configurable });
console.log(first.response_metadata["model_name"], second.response_metadata["model_name"]);
