/** Does work a number of times, several at one time. */
export async function repeated(
  count: number,
  once: () => Promise<unknown>,
  concurrency = 16,
): Promise<void> {
  let left = count;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await once();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
