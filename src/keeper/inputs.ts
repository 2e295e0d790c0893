import { existsSync, readFileSync } from "node:fs";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { type Address, type Hex, isAddress, isHex } from "viem";
import type { FarthingError } from "../protocol/errors.ts";

/** Reads what commands are told, and refuses each mistake by the error that `fail` makes. */
export function inputsOf(fail: (message: string) => FarthingError) {
  function parse<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
    try {
      return parseArgs({ args: [...args], options, allowPositionals: false }).values;
    } catch (error) {
      throw fail((error as Error).message.split("\n")[0]?.replace(/\.$/, "") ?? "a flag is malformed");
    }
  }

  /** A number of at most 12 digits. */
  function whole(name: string, value: string, least: number): number {
    if (!/^\d{1,12}$/.test(value) || Number(value) < least) {
      throw fail(`--${name} must be a whole number, at least ${least}`);
    }
    return Number(value);
  }

  /** Base units or wei. */
  function amount(name: string, value: string): bigint {
    if (!/^(?:0|[1-9]\d{0,37})$/.test(value)) throw fail(`--${name} must be a whole number of base units`);
    return BigInt(value);
  }

  function url(name: string, value: string | undefined): string {
    if (value === undefined) throw fail(`--${name} is missing: give the endpoint's URL`);
    if (!/^https?:\/\/\S+$/.test(value)) throw fail(`--${name} must be an http or https URL`);
    return value;
  }

  function address(name: string, value: string | undefined): Address {
    if (value === undefined) throw fail(`${name} is missing: give the contract's address`);
    if (!isAddress(value, { strict: false })) throw fail(`${name} must be an address of 20 bytes`);
    return value.toLowerCase() as Address;
  }

  /** 32 bytes from a file, or from the environment; undefined where neither is given. */
  function secret(flag: string, path: string | undefined, fromEnvironment: string | undefined): Hex | undefined {
    if (path !== undefined && !existsSync(path)) throw fail(`--${flag} ${path} does not exist`);
    const text = (path === undefined ? fromEnvironment : readFileSync(path, "utf8"))?.trim();
    if (!text) return undefined;
    const bytes = text.startsWith("0x") ? text : `0x${text}`;
    if (!isHex(bytes) || bytes.length !== 66) throw fail("the key must be 32 bytes in hexadecimal");
    return bytes;
  }

  return { parse, whole, amount, url, address, secret };
}
