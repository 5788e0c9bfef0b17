#!/usr/bin/env node
// Old syntax, so that an old Node.js can read this file and report that it is too old for the others.
var oldest = "22.12";
var parts = process.versions.node.split(".").map(Number);

if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 12)) {
  process.stderr.write(
    "Node.js is too old (orchestra-sandbox): expected " +
      oldest +
      " or newer, this is " +
      process.versions.node +
      ". Install a newer one: https://nodejs.org/en/download.\n",
  );
  process.exitCode = 1;
} else {
  // A failure shows as an uncaught error, as it would in the program itself.
  void import("../dist/main.js");
}
