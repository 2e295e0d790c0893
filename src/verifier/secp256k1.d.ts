// The package ships no types. Source: API.md of secp256k1 5.0.2.
declare module "secp256k1/bindings.js" {
  const bindings: {
    publicKeyCreate(secret: Uint8Array, compressed: boolean): Uint8Array;
    ecdsaSign(digest: Uint8Array, secret: Uint8Array): { signature: Uint8Array; recid: number };
    ecdsaRecover(
      signature: Uint8Array,
      recoveryId: number,
      digest: Uint8Array,
      compressed: boolean,
      output: Uint8Array,
    ): Uint8Array;
  };
  export default bindings;
}
