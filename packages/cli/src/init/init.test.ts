import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { explainTask, initProject } from "../test-support/init-project.ts";
import { runHere } from "../test-support/run-here.ts";
import { json, startServer } from "../test-support/start-server.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const ownRange = `^${packageJson.version}`;

interface Project {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

async function readProject(folder: string): Promise<Project> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Project;
}

/** A folder outside of the clone. */
async function emptyFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "orchestra-init-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** An environment in which npm uses this registry. */
function withRegistry(url: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, npm_config_registry: url, npm_config_update_notifier: "false" };
}

describe("orchestra init", () => {
  // init.long.test.ts runs the script and the test of the project, each as a process.
  test("in a clone, writes a project whose config the command runs", async () => {
    await using project = await initProject();
    const { folder, environment } = project;
    const { name, dependencies, engines } = await readProject(folder);
    expect(name).toBe("my-project");
    expect(dependencies["@orchestra/core"]).toMatch(/^link:(\.\.\/)+packages\/core$/);
    expect(engines).toEqual(packageJson.engines);

    const ran = await runHere(["run", explainTask, "--json"], { folder, environment });
    expect(ran).toMatchObject({ code: 0 });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      pipeline: "explain",
      output: { answer: expect.any(String) },
    });
  });

  test("writes a config whose role orchestra run --role can call", async () => {
    await using project = await initProject();
    const args = ["run", explainTask, "--role", "explainer", "--json"];
    const { code, stdout } = await runHere(args, project);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      pipeline: "orchestra-chat",
      output: { answer: expect.any(String) },
    });
  });

  test("uses the packages on npm if they have the version of this command", async () => {
    const folder = await emptyFolder();
    const { version } = packageJson;
    const document = {
      name: "@orchestra/cli",
      "dist-tags": { latest: version },
      versions: { [version]: { name: "@orchestra/cli", version } },
    };
    await using registry = await startServer(json({ "/@orchestra%2fcli": document }));
    const environment = withRegistry(registry.url);
    const ran = await runHere(["init"], { folder, environment });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(await readProject(folder)).toMatchObject({
      dependencies: { "@orchestra/cli": ownRange, "@orchestra/core": ownRange },
      devDependencies: { "@orchestra/sandbox": ownRange },
    });
  });

  test("writes nothing if npm does not have the package, and prints what to do", async () => {
    const folder = await emptyFolder();
    await using registry = await startServer(json({}));
    const environment = withRegistry(registry.url);
    const ran = await runHere(["init", "mine"], { folder, environment });
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toContain(`@orchestra/cli ${ownRange} is not on npm`);
    expect(ran.stderr).toContain("--from <folder>");
    expect(await readdir(folder)).toEqual([]);
  });

  test("writes a project with a warning if npm cannot be started", async () => {
    const folder = await emptyFolder();
    const ran = await runHere(["init"], { folder, environment: { PATH: "" } });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain("npm did not say");
  });

  test("uses the newest tarball of each package from a folder", async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "packed"));
    for (const name of ["core", "tools", "runtime", "server", "cli", "sandbox"]) {
      for (const version of ["0.9.0", "0.10.0"]) {
        await writeFile(join(folder, `packed/orchestra-${name}-${version}.tgz`), "");
      }
    }
    const { code } = await runHere(["init", "mine", "--from", "packed"], { folder });
    expect(code).toBe(0);
    const { dependencies } = await readProject(join(folder, "mine"));
    expect(dependencies).toMatchObject({
      "@orchestra/core": "file:../packed/orchestra-core-0.10.0.tgz",
      "@orchestra/sandbox": "file:../packed/orchestra-sandbox-0.10.0.tgz",
    });
    expect(await readFile(join(folder, "mine/pnpm-workspace.yaml"), "utf8")).toContain(
      `"@orchestra/tools": "file:../packed/orchestra-tools-0.10.0.tgz"`,
    );
  });

  test.each([
    ["nowhere", "it does not exist"],
    ["empty", "it has no orchestra-core-*.tgz, orchestra-tools-*.tgz"],
    ["a-file", "it cannot be read: ENOTDIR"],
  ])("refuses --from with a folder that does not have the packages: %s", async (from, reason) => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "empty"));
    await writeFile(join(folder, "a-file"), "");
    const { code, stderr } = await runHere(["init", "mine", "--from", from], { folder });
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).toContain("pack:all");
  });

  test("refuses a folder that is not empty; with --force, lists the files that it replaces", async () => {
    await using place = await temporaryFolder();
    const folder = place.path;
    await mkdir(join(folder, ".git"));
    await writeFile(join(folder, "ask.ts"), "mine");
    await writeFile(join(folder, "notes\u001b[2J.md"), "mine");
    const refused = await runHere(["init"], { folder });
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("it has ask.ts, notes");
    expect(refused.stderr).not.toContain("\u001b");
    expect(await readFile(join(folder, "ask.ts"), "utf8")).toBe("mine");

    const forced = await runHere(["init", "--force"], { folder });
    expect(forced.stdout).toMatch(/^replaced ask\.ts$/m);
    expect(forced.stdout).toMatch(/^wrote package\.json$/m);
    expect(await readFile(join(folder, "ask.ts"), "utf8")).not.toBe("mine");
    expect(await readFile(join(folder, "notes\u001b[2J.md"), "utf8")).toBe("mine");
  });

  const isLinux = process.platform === "linux";
  const isRoot = process.getuid?.() === 0;
  test.each<[string, string, string]>([
    ["a file", "a-file", "file"],
    ["a path through a file", "a-file/mine", "is a file (ENOTDIR)"],
    ["a link that leads nowhere", "a-link/mine", "a link leads nowhere (ENOENT)"],
    ["a name that is too long", "x".repeat(300), "its name is too long"],
    ...(isLinux ? [["/proc", "/proc/orchestra", "accepts no folder there"] as never] : []),
    ...(isRoot ? [] : [["a read-only folder", "read-only/mine", "no permission"] as never]),
  ])("refuses %s without starting npm", async (_, path, reason) => {
    const folder = await emptyFolder();
    await writeFile(join(folder, "a-file"), "");
    await symlink(join(folder, "nowhere"), join(folder, "a-link"));
    await mkdir(join(folder, "read-only"), { mode: 0o555 });
    await using registry = await startServer(() => undefined);
    const environment = withRegistry(registry.url);
    for (const more of [[], ["--force"]]) {
      const ended = await runHere(["init", path, ...more], { folder, environment });
      expect(ended).toMatchObject({ code: 2, stdout: "" });
      expect(ended.stderr).toContain(`(${resolve(folder, path)}): `);
      expect(ended.stderr).toContain(reason);
    }
    expect(registry.requests).toEqual([]);
  });

  test("creates the parent folders of a project, and quotes its path for the shell", async () => {
    const folder = await emptyFolder();
    const ended = await runHere(["init", "a/b/my own"], { folder, environment: { PATH: "" } });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^ {2}cd ['"]a\/b\/my own['"]$/m);
    expect(await readdir(join(folder, "a/b/my own"))).toContain("package.json");
  });

  test("reports a file that cannot be written", async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "ask.ts"));
    const ended = await runHere(["init", "--force"], { folder, environment: { PATH: "" } });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`${join(folder, "ask.ts")} could not be written`);
    expect(ended.stderr).toContain("there is a folder of this name");
  });
});
