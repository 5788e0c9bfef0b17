/**
 * Writes when the first answer came, and the peak memory up to then, for the bench; then ends.
 * The instant is from the monotonic clock, which all processes of a machine share.
 *
 * The programs here are JavaScript: Node.js would have to load its compiler for TypeScript.
 */
export function reportAnswer() {
  const answeredAtNs = String(process.hrtime.bigint());
  const { maxRSS } = process.resourceUsage();
  process.stdout.write(JSON.stringify({ answeredAtNs, maxRssKb: maxRSS }), () => process.exit());
}
