import type { Address, Client } from "viem";

type Bound<action> = action extends (client: Client, parameters: infer parameters) => infer result
  ? Record<string, never> extends Omit<parameters, "address">
    ? (parameters?: Omit<parameters, "address">) => result
    : (parameters: Omit<parameters, "address">) => result
  : never;

/** Actions of a contract with client and address filled in. */
export type BoundActions<actions> = { [name in keyof actions]: Bound<actions[name]> };

/** Makes a contract's actions into client methods, for `client.extend`. */
export function bindActions<actions extends object>(
  actions: actions,
  address: Address,
): (client: Client) => BoundActions<actions> {
  return (client) =>
    Object.fromEntries(
      Object.entries(actions).map(([name, action]) => [
        name,
        (parameters: object = {}) => (action as AnyAction)(client, { ...parameters, address }),
      ]),
    ) as BoundActions<actions>;
}

type AnyAction = (client: Client, parameters: object) => unknown;
