import type { Client } from "pg";

/** Session settings that the driver and our statements require, as a server reports them, and the statement that sets them. */
const expected = new Map([
  // The driver reads dates only in this style.
  ["DateStyle", { value: /^ISO/, statement: "SET datestyle TO ISO" }],
  // The queue's tables are created by statements with backslashes in their texts.
  [
    "standard_conforming_strings",
    { value: /^on$/, statement: "SET standard_conforming_strings TO on" },
  ],
]);

/**
 * Checks the settings that the server reports for a new session: a server, a database or a role may have others.
 *
 * @returns corrects the session, once it is connected; executes no statement if nothing has to be corrected
 */
export function watchSettings(client: Client): () => Promise<void> {
  const statements: string[] = [];
  const { connection } = client as unknown as { connection: ReportingConnection };
  connection.on("parameterStatus", ({ parameterName, parameterValue }) => {
    const setting = expected.get(parameterName);
    if (setting && !setting.value.test(parameterValue)) statements.push(setting.statement);
  });
  return async () => {
    if (statements.length > 0) await client.query(statements.join("; "));
  };
}

/** What node-postgres reads from the server, before it makes results of it. */
interface ReportingConnection {
  on(
    event: "parameterStatus",
    listener: (message: { parameterName: string; parameterValue: string }) => void,
  ): void;
}
