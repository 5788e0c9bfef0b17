import leven from "leven";

/** Changes of one letter between two names; two letters that are swapped count as one. */
export function typos(name: string, other: string): number {
  let least = leven(name, other);
  for (let at = 1; at < Math.min(name.length, maxLength) && least > 1; at += 1) {
    if (name[at] === name[at - 1]) continue;
    const swapped = `${name.slice(0, at - 1)}${name[at]}${name[at - 1]}${name.slice(at + 1)}`;
    least = Math.min(least, 1 + leven(swapped, other));
  }
  return least;
}

/** A longer name cannot be a misspelt name of ours. */
const maxLength = 64;
