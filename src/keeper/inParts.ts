/** Questions under way at once: what a public endpoint bears. */
const partSize = 40;

/** Asks about each item, a part of them at a time; answers in the order of the items. */
export async function inParts<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let from = 0; from < items.length; from += partSize) {
    answers.push(...(await Promise.all(items.slice(from, from + partSize).map(ask))));
  }
  return answers;
}
