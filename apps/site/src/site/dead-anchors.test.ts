import { expect, test } from "vitest";
import { deadAnchors } from "./dead-anchors.ts";

test("finds links to headings that do not exist", () => {
  const pages = new Map([
    ["runs.html", '<h2 id="resume">Resume</h2><a href="#resume">1</a><a href="#stop">2</a>'],
    ["from/other.html", '<a href="../runs.html#resume">1</a><a href="/runs.html#go">2</a>'],
    ["index.html", '<a href="./runs.html#end">1</a><a href="https://example.com/#any">2</a>'],
  ]);
  expect(deadAnchors(pages)).toEqual([
    { path: "runs.html", href: "#stop" },
    { path: "from/other.html", href: "/runs.html#go" },
    { path: "index.html", href: "./runs.html#end" },
  ]);
});
