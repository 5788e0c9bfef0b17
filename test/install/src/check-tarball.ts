import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { oldestNode } from "./oldest-node.ts";
import { run } from "./run.ts";

interface Manifest {
  readonly type?: string;
  readonly engines?: { readonly node?: string };
  readonly scripts?: Readonly<Record<string, string>>;
}

const installScripts = ["preinstall", "install", "postinstall", "prepare"];

/** What is wrong with a tarball, as sentences; none where it can be published. */
export async function checkTarball(tarball: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-tarball-"));
  try {
    await run("tar", ["xzf", tarball], { cwd: folder, env: process.env });
    const { stdout } = await run("tar", ["tzf", tarball], { cwd: folder, env: process.env });
    const files = stdout
      .trim()
      .split("\n")
      .map((path) => path.replace(/^package\//, ""));
    const read = (path: string) => readFile(join(folder, "package", path), "utf8");
    const text = await read("package.json");
    const manifest = JSON.parse(text) as Manifest;
    const codes = await Promise.all(
      files
        .filter((path) => /\.(js|d\.ts)$/.test(path))
        .map(async (path) => [path, await read(path)] as const),
    );
    const hooks = installScripts.filter((name) => manifest.scripts?.[name] !== undefined);
    const checks: readonly (readonly [boolean, string])[] = [
      [/"(workspace|catalog):/.test(text), "package.json has workspace: or catalog: versions"],
      [manifest.type !== "module", "package.json is not of type module"],
      [manifest.engines?.node !== `>=${oldestNode}`, `engines.node is ${manifest.engines?.node}`],
      [hooks.length > 0, `package.json has the install scripts ${hooks.join(", ")}`],
      ...["LICENSE", "README.md"].map(
        (file) => [!files.includes(file), `${file} is missing`] as const,
      ),
      ...files.filter(isUnwanted).map((file) => [true, `${file} should not be in it`] as const),
      ...codes.flatMap(([file, code]) => [
        [
          /\/(home|root|work|Users|tmp)\/[\w.-]+\//.test(code),
          `${file} has a path of this machine`,
        ] as const,
        [/[^\w]module\.exports\s*=/.test(code), `${file} is CommonJS`] as const,
      ]),
    ];
    return checks.flatMap(([isWrong, problem]) => (isWrong ? [problem] : []));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isUnwanted(file: string): boolean {
  return /\.test\.|__fixtures__|test-support|\.map$|\.c[jt]s$|^src\//.test(file);
}
