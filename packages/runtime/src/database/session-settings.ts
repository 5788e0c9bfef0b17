import type { Client } from "pg";

/** What the driver and our statements rely on, as a server reports it, and what brings a session to it. */
const expected = new Map([
  // The driver reads dates in no other style.
  ["DateStyle", { value: /^ISO/, statement: "SET datestyle TO ISO" }],
  // The queue's tables are made by statements with backslashes in their texts.
  [
    "standard_conforming_strings",
    { value: /^on$/, statement: "SET standard_conforming_strings TO on" },
  ],
]);

/**
 * Watches what the server reports of a new session: a server, a database and a role may set it otherwise.
 *
 * @returns corrects the session, once it is connected; executes no statement where nothing has to be corrected
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
