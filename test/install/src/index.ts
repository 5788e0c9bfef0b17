export { buildAll, packAll, withOwnDependencies, type PackageName, type Tarballs } from "./pack.ts";
export { toolchain } from "./toolchain.ts";
export { installTree, treeSize, type TreeSize } from "./tree.ts";
