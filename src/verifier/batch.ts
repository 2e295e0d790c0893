/** Signatures to recover, one after the other: 32 bytes of digest and 65 of signature each. */
export type Batch = Uint8Array<ArrayBuffer>;

export const digestSize = 32;
export const jobSize = digestSize + 65;
/** The keys that come back; one that starts with 0 is nobody's. */
export const keySize = 65;
