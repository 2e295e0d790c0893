import { expect } from "chai";
import { type Address, getAddress, type Hex, zeroAddress } from "viem";
import {
  type Channel,
  canonicalChannel,
  channelId,
  channelSigner,
  InvalidChannelError,
  randomSalt,
} from "../../../src/protocol/index.ts";

const escrow = { address: `0x${"e5".repeat(20)}`, chainId: 10 } as const;
const channel: Channel = {
  payer: `0x${"aa".repeat(20)}`,
  payee: `0x${"bb".repeat(20)}`,
  token: `0x${"cc".repeat(20)}`,
  salt: `0x${"dd".repeat(32)}`,
  authorizedSigner: `0x${"ee".repeat(20)}`,
};

describe("channel", () => {
  it("given a channel in lower case, upper case and checksum case, when made canonical, it should be one record", () => {
    const upper = (value: Hex) => `0x${value.slice(2).toUpperCase()}` as Hex;
    const spellings = [(value: Hex) => value, upper, (value: Hex) => (value.length === 42 ? getAddress(value) : value)];
    for (const spell of spellings) {
      const spelled = Object.fromEntries(Object.entries(channel).map(([key, value]) => [key, spell(value)])) as Channel;
      expect(canonicalChannel(spelled)).to.deep.equal(channel);
      expect(channelId(canonicalChannel(spelled), escrow)).to.equal(channelId(channel, escrow));
    }
  });

  it("given a malformed field, when made canonical, it should be refused by the field's name", () => {
    for (const [field, value] of Object.entries({ payer: "0x12", token: "", salt: "0x00", authorizedSigner: "zz" })) {
      expect(() => canonicalChannel({ ...channel, [field]: value as Address })).to.throw(InvalidChannelError, field);
    }
  });

  it("given any other field, escrow or chain, when the id is made, it should be another", () => {
    const other = `0x${"99".repeat(20)}` as const;
    const ids = [
      channelId(channel, escrow),
      ...(["payer", "payee", "token", "authorizedSigner"] as const).map((field) =>
        channelId({ ...channel, [field]: other }, escrow),
      ),
      channelId({ ...channel, salt: `0x${"99".repeat(32)}` }, escrow),
      channelId(channel, { ...escrow, address: other }),
      channelId(channel, { ...escrow, chainId: 11 }),
    ];
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it("given an authorized signer of zero, when asked who signs, it should be the payer and never the zero address", () => {
    expect(channelSigner(channel)).to.equal(channel.authorizedSigner);
    expect(channelSigner({ ...channel, authorizedSigner: zeroAddress })).to.equal(channel.payer);
  });

  it("given a source of randomness, when a salt is made, it should be its 8 bytes, zero-padded to 32", () => {
    const asked: number[] = [];
    const salt = randomSalt((length) => {
      asked.push(length);
      return new Uint8Array([1, 2, 3, 4, 5, 6, 7, 255]);
    });
    expect(asked).to.deep.equal([8]);
    expect(salt).to.equal(`0x${"00".repeat(24)}01020304050607ff`);
  });

  it("given no source, when a thousand salts are made, it should give a thousand", () => {
    expect(new Set(Array.from({ length: 1000 }, () => randomSalt())).size).to.equal(1000);
  });
});
