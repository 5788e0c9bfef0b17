import type { Rolldown } from "tsdown";
/** What the builds of all packages have in common. */
export declare const base: {
  platform: "node";
  fixedExtension: false;
  dts: true;
  outputOptions: {
    comments: {
      legal: true;
      annotation: true;
      jsdoc: false;
    };
  };
  plugins: {
    name: string;
    generateBundle: (
      this: Rolldown.PluginContext,
      _: Rolldown.NormalizedOutputOptions,
      bundle: Rolldown.OutputBundle,
    ) => void;
  }[];
};
