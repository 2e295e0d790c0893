import { readFile } from "node:fs/promises";
import { expect } from "chai";

type Manifest = { exports: Record<string, { types: string; default: string }> };

/** Public names that a program outside the repository finds under each subpath. */
const names: Record<string, readonly string[]> = {
  "./protocol": ["channelId", "voucherDigest", "signVoucher", "recoverVoucher", "closeRequestDigest", "parseAmount"],
  "./verifier": ["selectVerifier"],
  "./verifier/native": ["nativeVerifier", "nativeSigner"],
  "./verifier/wasm": ["wasmVerifier"],
  "./verifier/js": ["jsVerifier"],
  "./store": ["memoryStore", "memoryPayerStore", "channelStoreConformance", "sharedStoreConformance"],
  "./chain": ["channelActions", "createObserver", "createSender", "chainNow"],
  "./payer": ["createPayer"],
  "./payee": ["createPayee"],
  "./audit": ["audit", "formatTable"],
  "./http": ["paywall", "payFetch", "closeRequests", "createRelay"],
  "./keeper": ["createKeeper", "profitable", "deadline", "maxAge", "maxUnsettled", "any"],
  "./pool": ["createGiver"],
  "./collector": ["createCollector"],
  "./collector/client": ["collectorClient"],
  "./ethers": ["ethersSigner", "ethersClient", "paymentChannels", "donationPool", "projectRegistry"],
  "./store/sqlite": ["sqliteStore"],
  "./store/postgres": ["postgresStore"],
  "./store/file": ["filePayerStore"],
  "./http/node": ["serve"],
  "./http/hono": ["honoHandler"],
};

describe("the built package", () => {
  it("exports each room and adapter by its own subpath, with types beside it", async () => {
    const { exports } = JSON.parse(await readFile("package.json", "utf8")) as Manifest;
    expect(Object.keys(exports).sort()).to.deep.equal(Object.keys(names).sort());
    for (const [subpath, wanted] of Object.entries(names)) {
      const entry = exports[subpath];
      const room = await import(`farthing/${subpath.slice(2)}`);
      for (const name of wanted) expect(room[name], `${subpath} ${name}`).to.be.a("function");
      expect(await readFile(entry?.types ?? "", "utf8")).to.include("export");
    }
  });
});
