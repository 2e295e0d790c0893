/**
 * What every error of this library extends. `message` says what happened and what to do next; `code` is stable and is what
 * a program should branch on. No message ever carries a signature, a key or a secret.
 */
export class FarthingError extends Error {
  override readonly name: string = "FarthingError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
