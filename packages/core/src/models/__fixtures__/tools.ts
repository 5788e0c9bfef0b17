/** Arguments that a model gives the tool. */
export const city = '{"city":"Paris"}';
export const weatherParameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
export const weatherFunction = {
  name: "get_weather",
  description: "Tells the weather",
  parameters: weatherParameters,
};
export const weatherTool = { type: "function" as const, function: weatherFunction };
/** A call of the tool, as a server sends it. */
export const wireCall = {
  id: "call_1",
  type: "function",
  function: { name: "get_weather", arguments: city },
};
export const addTool = {
  type: "function" as const,
  function: { name: "add", parameters: { type: "object", properties: {} } },
};
