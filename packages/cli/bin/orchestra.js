#!/usr/bin/env node
// Syntax of old: an old Node.js has to read this file to say that it is too old for the others.
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
  // Loading the libraries is most of a command's time: Node.js keeps what it has compiled for the next one.
  void import("node:module").then(function start(module) {
    module.enableCompileCache();
    // A failure shows as an uncaught error, as it would in the program itself.
    return import("../dist/main.js").catch(function explain(error) {
      // The packages of a clone run from their sources.
      if (!String(error.url).endsWith("/cli/dist/main.js")) throw error;
      process.stderr.write(
        "This is the command of a clone, which is not built (orchestra). In a project of orchestra init, use npm run orchestra -- and the arguments; or run npx -y pnpm@12 build in the clone.\n",
      );
      process.exitCode = 1;
    });
  });
}
