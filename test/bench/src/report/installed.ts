import type { InstalledResult } from "../benches/installed.ts";
import { rounded } from "../measure/statistics.ts";
import { noted, verdict, type Section } from "./section.ts";
import { table } from "./table.ts";

export function installedSection(result: InstalledResult): Section {
  const { rounds, starts, sizes, ratios, problems } = result;
  return {
    title: "Installed",
    text: `The packed packages and the others, at fixed versions, each installed by npm in an empty folder with all its dependencies and peers.
The time of a program is from the start of a fresh process to its end. \`orchestra doctor --lint\` sends no requests; the first answer is from a server on loopback.
The programs take turns, in ${rounds} rounds; a figure is the median of the rounds, a ratio the median of the rounds' ratios.
An import does not include modules that the library loads only at its first call.`,
    verdict: verdict(
      ratios.flatMap(({ name, time, size }) => [
        noted(`time of the import of @orchestra/core over that of ${name}`, time),
        noted(`MB installed of @orchestra/core over those of ${name}`, size),
      ]),
    ),
    tables: [
      {
        caption: "From the start of the process to its end",
        table: table(
          ["program", "ms", "times `node -e 0`"],
          starts.map(({ name, ms, vsNode }) => [`\`${name}\``, rounded(ms), rounded(vsNode)]),
        ),
      },
      {
        caption: ["What npm installs, the package itself included", ...problems].join("; "),
        table: table(
          ["package", "packages", "MB"],
          sizes.map(({ name, packages, mb }) => [name, packages, mb]),
        ),
      },
    ],
  };
}
