import { tracingVariables } from "@orchestra/server/tracing";
import { markdownTable } from "markdown-table";
import { settingsOf, type DocumentedSetting } from "./settings.ts";

const tracingTable = /^<!-- variables of OpenTelemetry -->$.*?^<!-- end of variables -->$/ms;
const generated = /^<!-- settings: ([^\n]*) -->$.*?^<!-- end of settings -->$/gms;

/** The page with its tables and examples made new. What is between them is written by hand. */
export function configurationPage(page: string): string {
  const withTracing = page.replace(tracingTable, () =>
    ["<!-- variables of OpenTelemetry -->", tableOfTracing(), "<!-- end of variables -->"].join(
      "\n\n",
    ),
  );
  return withTracing.replaceAll(generated, (_, title: string) => {
    const settings = settingsOf(title);
    return [
      `<!-- settings: ${title} -->`,
      tableOf(settings),
      ["```bash", ...settings.map(exampleOf), "```"].join("\n"),
      "<!-- end of settings -->",
    ].join("\n\n");
  });
}

/** The titles of the sections that the page has. */
export function sectionsOf(page: string): string[] {
  return [...page.matchAll(generated)].map(([, title = ""]) => title);
}

function tableOf(settings: readonly DocumentedSetting[]): string {
  return markdownTable([
    ["variable", "option", "value", "default", "what it does"],
    ...settings.map(
      ({ variable, option, expected, value = expected, defaultText, without = "none", does }) => [
        `\`${variable}\``,
        `\`${option}\``,
        value,
        defaultText === undefined ? without : `\`${defaultText}\``,
        does,
      ],
    ),
  ]);
}

function tableOfTracing(): string {
  return markdownTable([
    ["variable", "value", "default", "what it does"],
    ...tracingVariables.map(({ name, value, without, does }) => [
      `\`${name}\``,
      value,
      without,
      does,
    ]),
  ]);
}

/** A line for a shell, and for a `.env` file. */
function exampleOf({ variable, example }: DocumentedSetting): string {
  return `${variable}=${example}`;
}
