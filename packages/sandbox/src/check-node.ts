// The first module of every entry point, in a file of its own: the modules after it need a newer Node.js,
// and would fail later with an error that does not say so. Its syntax is old, for an old Node.js to read.
const oldest = "22.12";
const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];

if (major < 22 || (major === 22 && minor < 12)) {
  throw new Error(
    `Node.js is too old (@orchestra/sandbox): expected ${oldest} or newer, this is ${process.versions.node}. Install a newer one: https://nodejs.org/en/download.`,
  );
}
