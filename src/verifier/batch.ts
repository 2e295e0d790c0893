/** Signatures to recover, one after the other: 32 bytes of digest and 65 of signature each. */
export type Batch = Uint8Array<ArrayBuffer>;

export const digestSize = 32;
export const jobSize = digestSize + 65;
/** The answers that come back: 1 and a key, or zeros for nobody. */
export const keySize = 64;
export const answerSize = 1 + keySize;
