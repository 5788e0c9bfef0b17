/** The oldest Node.js that the packages run on: in their engines, in what they check, and in the docs. */
export const oldestNode = "22.12";
