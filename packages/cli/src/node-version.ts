const oldest = "22.12";

/** What to tell someone whose Node is too old for the command; nothing where it is not. */
export function nodeProblem(version: string): string | undefined {
  const isOld = numberOf(version) < numberOf(oldest);
  return isOld ? `orchestra needs Node ${oldest} or newer; this is ${version}.` : undefined;
}

function numberOf(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}
