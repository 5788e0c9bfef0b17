import { onSandbox } from "../scene.ts";
import { elsewhere, type BrokenState } from "./state.ts";

const installed = (name: string, version: string, folder = "") => ({
  [`${folder}node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
});

export const installStates: readonly BrokenState[] = [
  [
    "install/dependencies: two-copies",
    "2 copies of zod: 4.0.0 in",
    async ({ write }) => {
      await write({
        "package.json": '{"dependencies":{"@orchestra/core":"*"}}',
        ...installed("zod", "4.0.0"),
        ...installed("@orchestra/core", "1.0.0"),
        ...installed("zod", "4.6.7", "node_modules/@orchestra/core/"),
      });
      return elsewhere;
    },
  ],
  [
    "install/dependencies: versions-differ",
    "@orchestra/core 1.0.0, @orchestra/runtime 1.1.0",
    async ({ write }) => {
      await write({
        ...installed("@orchestra/core", "1.0.0"),
        ...installed("@orchestra/runtime", "1.1.0"),
      });
      return elsewhere;
    },
  ],
  [
    "install/dependencies: versions-differ",
    "@orchestra/tools 1.1.0, @orchestra/server 1.2.0, @orchestra/cli 1.0.0",
    async ({ write }) => {
      await write({
        ...installed("@orchestra/cli", "1.0.0"),
        ...installed("@orchestra/server", "1.2.0"),
        ...installed("@orchestra/tools", "1.1.0"),
      });
      return elsewhere;
    },
  ],
  [
    "install/config: invalid",
    "exports neither pipelines nor agents",
    async ({ write }) => {
      await write({ "orchestra.config.mjs": "export default {};" });
      return elsewhere;
    },
  ],
  [
    "install/config: invalid",
    "orchestra.config.mjs: agents fails: ArgumentError: agent(): role.system is missing",
    async (scene) => {
      const agents = '(orchestra) => [orchestra.agent({ name: "titler" })]';
      await scene.write({
        "orchestra.config.mjs": `export default { pipelines: [{ name: "chat", create: () => undefined }], agents: ${agents} };`,
      });
      return onSandbox(scene);
    },
  ],
];
