/**
 * How a model is brought to answer in the shape of a schema.
 *
 * - `jsonSchema`: the provider holds the model to the schema (`response_format`).
 * - `functionCalling`: the model calls a tool whose arguments are the answer.
 * - `jsonMode`: the schema stands in the prompt, and the model is told to answer in JSON.
 */
export type AnswerMethod = "jsonSchema" | "functionCalling" | "jsonMode";
