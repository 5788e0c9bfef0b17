// The first module of every entry point, in a separate file: the modules after it need a newer Node.js,
// and would fail with an error that does not mention this. Its syntax is old, so that an old Node.js can read it.
const oldest = "22.12";
const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];

if (major < 22 || (major === 22 && minor < 12)) {
  throw new Error(
    `Node.js is too old (@orchestra/sandbox): expected ${oldest} or newer, this is ${process.versions.node}. Install a newer one: https://nodejs.org/en/download.`,
  );
}
