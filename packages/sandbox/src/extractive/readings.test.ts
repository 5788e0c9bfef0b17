import { describe, expect, it } from "vitest";
import { ask, SEARCH_TOOL } from "./test-material.ts";

const reading = (name: string, parameters: object = { type: "object", properties: {} }) => ({
  type: "function",
  function: { name, description: "Reads", parameters },
});
const QUESTION = "How long does the battery last, and what is its firmware version?";
const called = (question: string, tools: object[], extra: object = {}) =>
  ask({ messages: [{ role: "user", content: question }], tools, ...extra }).toolCalls.map(
    ({ name }) => name,
  );

describe("tools without parameters", () => {
  it("are called in addition to the search, if the question has all words of the name", () => {
    const tools = [SEARCH_TOOL, reading("firmware_version"), reading("getFirmwareVersion")];
    const { toolCalls } = ask({ messages: [{ role: "user", content: QUESTION }], tools });
    expect(toolCalls.map(({ name, arguments: args }) => [name, args])).toEqual([
      ["search_documents", expect.stringContaining("battery")],
      ["firmware_version", "{}"],
      ["getFirmwareVersion", "{}"],
    ]);
  });

  it.each([
    "When did the harbour open? Use harbour_facts.",
    "Call `harbour_facts` first.",
    "Use harbourFacts, please.",
    "What are the harbour facts?",
  ])("are called where the question writes their names: %s", (question) => {
    expect(called(question, [reading("harbour_facts")])).toEqual(["harbour_facts"]);
  });

  it("are not called by a part of another name", () => {
    const tools = [reading("harbour_facts"), reading("get_facts")];
    expect(called("Use harbour_facts_of_1871.", tools)).toEqual([]);
  });

  it.each([
    ["with other words", reading("battery_colour")],
    ["that take parameters", reading("version", { type: "object", properties: { of: {} } })],
    ["that do things", reading("delete_battery")],
    ["whose name says nothing", reading("get")],
  ])("are not called %s", (_, tool) => {
    expect(called(QUESTION, [tool])).toEqual([]);
  });

  it("are called once in a turn, and not where no tool may be called", () => {
    const tools = [reading("firmware_version")];
    expect(called(QUESTION, tools, { tool_choice: "none" })).toEqual([]);
    const call = {
      id: "1",
      type: "function",
      function: { name: "firmware_version", arguments: "" },
    };
    const messages = [
      { role: "user", content: "What is the firmware version?" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "1", content: "The firmware version is 4.2." },
    ];
    expect(ask({ messages, tools }).content).toContain("4.2");
  });
});
