import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { readEnvLines } from "./env-lines.ts";

describe("readEnvLines()", () => {
  test.each([
    "FIRST=1\n\n# A comment\nexport SECOND = two words # and a comment\nTHIRD=\n",
    'FIRST="one\\ntwo" # and a comment\nSECOND=\'{\n  "a": 1\n}\'\nTHIRD=`it\'s "it"`',
    "FIRST=a=b\nFIRST='again'\n  A.B-C_1 = x'y\n",
    "",
  ])("reads what Node.js reads: %j", (text) => {
    expect(readEnvLines(text)).toEqual({ variables: { ...parseEnv(text) }, unread: [] });
  });

  test.each([
    ["a line with s3cret words", "no ="],
    ["NAME: s3cret", "no ="],
    ["=s3cret", "not a name"],
    ["set NAME=s3cret", "not a name"],
    ['$env:NAME="s3cret"', "not a name"],
    ['NAME="s3cret', "not closed"],
    ['NAME="s3cret";', "text follows"],
    ['NAME="{\\"secret\\":1}"', "marks of another kind, without backslashes"],
  ])("reports an invalid line without its text, and reads the others: %s", (line, what) => {
    const { variables, unread } = readEnvLines(`FIRST=1\n\n${line}\nSECOND="2"\nTHIRD='3'\n`);
    expect(variables).toEqual({ FIRST: "1", SECOND: "2", THIRD: "3" });
    expect(unread).toEqual([{ number: 3, problem: expect.stringContaining(what) }]);
    expect(JSON.stringify(unread)).not.toContain("s3cret");
  });
});
