import type { Hex } from "viem";

const chunkSize = 512;

/** A set of ids that is always in order, in chunks, so that a million can be paged through while they come and go. */
export class SortedIds {
  readonly #chunks: Hex[][] = [];

  add(id: Hex): void {
    const chunk = this.#chunks[this.#chunkOf(id)];
    if (!chunk) {
      this.#chunks.push([id]);
      return;
    }
    const at = position(chunk, id);
    if (chunk[at] === id) return;
    chunk.splice(at, 0, id);
    if (chunk.length > 2 * chunkSize) {
      this.#chunks.splice(this.#chunks.indexOf(chunk) + 1, 0, chunk.splice(chunkSize));
    }
  }

  delete(id: Hex): void {
    const index = this.#chunkOf(id);
    const chunk = this.#chunks[index];
    if (!chunk) return;
    const at = position(chunk, id);
    if (chunk[at] !== id) return;
    chunk.splice(at, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** Ids above `after`, in order. The set must not change meanwhile. */
  *above(after: Hex | undefined): Generator<Hex, void> {
    let index = after === undefined ? 0 : this.#chunkOf(after);
    for (; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index] ?? [];
      const first = after === undefined ? 0 : position(chunk, after);
      for (let at = first; at < chunk.length; at++) {
        const id = chunk[at];
        if (id !== undefined && id !== after) yield id;
      }
    }
  }

  /** The last chunk whose first id is not above `id`, or the first of all. */
  #chunkOf(id: Hex): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0] ?? "") <= id) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }
}

/** Where in an ordered list the first element that is not below `id` stands. */
function position(ids: readonly Hex[], id: Hex): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
