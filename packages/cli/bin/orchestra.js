#!/usr/bin/env node
// In ES5: an old Node.js must be able to read this file, which reports that it is too old.
var oldest = "22.12";
var parts = process.versions.node.split(".").map(Number);

if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 12)) {
  process.stderr.write(
    "Node.js is too old (orchestra): expected " +
      oldest +
      " or newer, this is " +
      process.versions.node +
      ". Install a newer one: https://nodejs.org/en/download.\n",
  );
  process.exitCode = 1;
} else {
  // Loading the libraries takes most of a command's time, so Node.js caches their compiled code.
  void import("node:module").then(function start(module) {
    module.enableCompileCache();
    return import("../dist/main.js").catch(function explain(error) {
      // A clone of the repository may have no build. Other errors are uncaught, as in the program itself.
      if (!String(error.url).endsWith("/cli/dist/main.js")) throw error;
      process.stderr.write(
        "The clone of this command is not built (orchestra). In a project of orchestra init, use npm run orchestra -- with the arguments, or run npx -y pnpm@12 build in the clone.\n",
      );
      process.exitCode = 1;
    });
  });
}
