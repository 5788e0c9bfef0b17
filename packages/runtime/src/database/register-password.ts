import { registerSecret } from "@orchestra/core/gateway";
import { parseConnectionUrl } from "./connection-url.ts";

/** Removes the password of a database's URL from all errors and logs, in encoded and decoded form. */
export function registerPassword(url: string | undefined): void {
  for (const password of passwordsOf(url)) {
    registerSecret(password);
    // Decodes like URLs, and keeps a percent sign that does not begin a code.
    const query = new URLSearchParams(`password=${password.replaceAll("+", "%2B")}`);
    registerSecret(query.get("password") ?? undefined);
  }
}

/** For any URL: an invalid one has a password too. */
function passwordsOf(url = ""): readonly string[] {
  try {
    return parseConnectionUrl(url).passwords;
  } catch {
    const { password = "" } = URL.parse(url) ?? {};
    return password === "" ? [] : [password];
  }
}
