import { defineRole, Orchestra } from "@orchestra/core";
import { z } from "zod";

const translator = defineRole({
  name: "translator",
  system: "You translate into plain English.",
  input: z.object({ text: z.string() }),
  output: z.object({ translation: z.string() }),
});

const agent = new Orchestra().agent(translator);
const { translation } = await agent.invoke({ text: "Guten Tag" });
console.log(translation);
