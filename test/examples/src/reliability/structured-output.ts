import { Orchestra } from "@orchestra/core";
import { z } from "zod";

const Answer = z.object({
  answer: z.string().describe("One sentence"),
  isCertain: z.boolean(),
});

const model = new Orchestra().model.withStructuredOutput(Answer);
const { answer, isCertain } = await model.invoke("When was the Eiffel Tower built?");
console.log(answer, isCertain);
