/** What the keeper needs of a logger; pino's fits as it is. No field ever carries a signature, raw transaction or key. */
export type KeeperLogger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
