import { registerSecret } from "@orchestra/core/gateway";
import { parseConnectionUrl } from "./connection-url.ts";

/** Removes the password of a database's URL from all errors and logs, as it is written and as it is decoded. */
export function registerPassword(url: string | undefined): void {
  for (const password of passwordsOf(url)) {
    registerSecret(password);
    // Decodes as URLs do, and leaves a percent sign that begins no code as it is.
    const query = new URLSearchParams(`password=${password.replaceAll("+", "%2B")}`);
    registerSecret(query.get("password") ?? undefined);
  }
}

/** Of any URL: one that cannot be used has a password too. */
function passwordsOf(url = ""): readonly string[] {
  try {
    return parseConnectionUrl(url).passwords;
  } catch {
    const { password = "" } = URL.parse(url) ?? {};
    return password === "" ? [] : [password];
  }
}
