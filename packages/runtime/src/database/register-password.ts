import { registerSecret } from "@orchestra/core";

/** Takes the password of a database's URL out of all errors and logs, as it is written and as it is meant. */
export function registerPassword(url: string | undefined): void {
  const { password } = URL.parse(url ?? "") ?? {};
  if (!password) return;
  registerSecret(password);
  // Decodes as URLs do, and leaves a percent sign that begins no code as it is.
  const query = new URLSearchParams(`password=${password.replaceAll("+", "%2B")}`);
  registerSecret(query.get("password") ?? undefined);
}
