import { expect } from "chai";
import { createExport } from "../../../src/collector/evidence.ts";
import { formatAllocation, parseEvidence } from "../../../src/protocol/index.ts";
import { type ChannelRecord, memoryStore } from "../../../src/store/index.ts";
import { gifts } from "../../support/roundStage.ts";
import { until } from "../chain/support.ts";

const word = (number: number) => `0x${number.toString(16).padStart(64, "0")}` as const;
const address = `0x${"ab".repeat(20)}` as const;
const signature = `0x${"11".repeat(64)}1b` as const;

describe("collector export", () => {
  /** A store with that many channels, of which every other has given. */
  async function filled(count: number) {
    const store = memoryStore();
    for (let index = 1; index <= count; index++) {
      const gave = {
        authorized: 5n,
        spent: 5n,
        signature,
        evidence: formatAllocation({ gateData: "0x", gifts: gifts([1n, 5n]), signature }),
      };
      const record: ChannelRecord = {
        id: word(index),
        escrow: { address, chainId: 1 },
        channel: { payer: address, payee: address, token: address, salt: word(index), authorizedSigner: address },
        deposit: 10n,
        settled: 0n,
        closeRequestedAt: 0n,
        finalized: false,
        block: { number: 1n, hash: word(1) },
        authorized: 0n,
        spent: 0n,
        charges: [],
        ...(index % 2 === 0 ? gave : {}),
      };
      await store.update(record.id, () => record);
    }
    return store;
  }

  it("has each channel that gave once, however many there are, and no other", async () => {
    const text = await createExport(await filled(470))().text();
    const lines = text.trim().split("\n").map(parseEvidence);
    expect(new Set(lines.map(({ channel }) => channel.salt)).size).to.equal(235);
    expect(lines).to.have.length(235);
  });

  it("of an empty store is empty", async () => {
    expect(await createExport(memoryStore())().text()).to.equal("");
  });

  it("reads the next page only when the last was taken", async () => {
    const store = await filled(800);
    let reads = 0;
    const counting = {
      list(...query: Parameters<typeof store.list>) {
        reads += 1;
        return store.list(...query);
      },
    };
    const reader = createExport(counting)().body?.getReader();
    await reader?.read();
    expect(reads).to.equal(1);
    await reader?.read();
    expect(reads).to.equal(2);
    await reader?.cancel();
  });

  it("serves so many at once; who has read, who left and who takes nothing gives its place to another", async () => {
    const open = createExport(await filled(400), { most: 1, patience: 30 });
    const first = open();
    expect(open().status).to.equal(503);
    await first.text();
    const second = open();
    await second.body?.cancel();
    const third = open();
    const reader = third.body?.getReader();
    await reader?.read();
    expect(open().status).to.equal(503);
    let fourth: Response | undefined;
    await until(() => {
      const response = open();
      if (response.status === 200) fourth = response;
      return fourth !== undefined;
    });
    expect(
      await reader?.read().then(
        () => "read",
        () => "broken off",
      ),
    ).to.equal("broken off");
    await fourth?.body?.cancel();
    open();
    await until(() => open().status === 200);
  });

  it("gives its place back when the store fails", async () => {
    const failing = { list: () => Promise.reject(new Error("gone")) };
    const open = createExport(failing, { most: 1 });
    const failure = await open()
      .text()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(failure).to.be.instanceOf(Error);
    expect(open().status).to.equal(200);
  });
});
