import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { filePayerStore } from "../../../src/store/filePayerStore.ts";
import {
  type PayerStore,
  StoreCorruptError,
  StoreLockedError,
  StoreUnavailableError,
  StoreVersionError,
} from "../../../src/store/index.ts";
import { sampleId, samplePayerRecord } from "../../../src/store/sample.ts";
import { acknowledged, startChild } from "./childProcess.ts";
import { scratchDirectory } from "./scratchDirectory.ts";

describe("filePayerStore", () => {
  const scratch = scratchDirectory();
  const open: PayerStore[] = [];
  let path: string;

  beforeEach(() => {
    path = scratch.path("payer.json");
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  function start(options: Parameters<typeof filePayerStore>[1] = {}) {
    const store = filePayerStore(path, options);
    open.push(store);
    return store;
  }

  async function written(): Promise<string> {
    const store = start();
    const update = (n: number) =>
      store.update(sampleId(n), () => samplePayerRecord(n, { signature: "0x5e5e", authorized: 42n }));
    await Promise.all([update(1), update(2)]);
    await store.close();
    return readFileSync(path, "utf8");
  }

  it("writes once for the updates of one turn, and resolves none before", async () => {
    const events: string[] = [];
    const hooks = { beforeCommit: () => events.push("before"), afterCommit: () => events.push("after") };
    const store = start({ hooks });
    const update = (n: number) => store.update(sampleId(n), () => samplePayerRecord(n)).then(() => events.push(`${n}`));
    await Promise.all([update(1), update(2), update(3), store.update(sampleId(4), () => undefined)]);
    expect(events).to.deep.equal(["before", "after", "1", "2", "3"]);
    expect(readdirSync(scratch.path("")).sort()).to.deep.equal(["payer.json", "payer.json.lock"]);
  });

  it("when the write fails, nothing is acknowledged or seen, and the file stays whole", async () => {
    let fail = false;
    const hooks = {
      beforeCommit: () => {
        if (fail) throw new Error("injected");
      },
    };
    const store = start({ hooks });
    await store.update(sampleId(1), () => samplePayerRecord(1));
    const before = readFileSync(path, "utf8");
    fail = true;
    const outcome = await store
      .update(sampleId(1), () => samplePayerRecord(1, { authorized: 5n }))
      .catch((error) => error);
    expect(outcome).to.be.instanceOf(Error).with.property("message", "injected");
    expect(await store.get(sampleId(1))).to.deep.equal(samplePayerRecord(1));
    expect(readFileSync(path, "utf8")).to.equal(before);
  });

  it("killed in the middle of a burst, has every acknowledged update", async () => {
    const child = startChild("burst-payer", path);
    await child.spoken(300);
    await child.kill();
    const store = start();
    const highest = acknowledged(child.lines());
    expect(highest.size).to.equal(20);
    for (const [n, amount] of highest) {
      const record = await store.get(sampleId(n));
      expect(record?.authorized, `channel ${n}`).to.satisfy((authorized: bigint) => authorized >= amount);
    }
  });

  it("a file left half-written beside the old one is ignored", async () => {
    await written();
    writeFileSync(`${path}.new`, '{"format":"farthing pay');
    const store = start();
    expect((await store.get(sampleId(1)))?.authorized).to.equal(42n);
    await store.update(sampleId(1), (record) => record && { ...record, authorized: 43n });
    await store.close();
    expect((await start().get(sampleId(1)))?.authorized).to.equal(43n);
  });

  it("a second payer is refused with a sentence, through another link too, until the first closes", async () => {
    const first = start();
    await first.update(sampleId(1), () => samplePayerRecord(1));
    expect(() => start()).to.throw(StoreLockedError, /Another payer is using .*payer\.json/);
    const direct = path;
    path = scratch.path("link.json");
    symlinkSync(direct, path);
    expect(() => start()).to.throw(StoreLockedError);
    await first.close();
    expect(await start().list()).to.have.length(1);
  });

  it("a payer that is killed frees the file", async () => {
    const child = startChild("burst-payer", path);
    await child.spoken(20);
    expect(() => start()).to.throw(StoreLockedError);
    await child.kill();
    expect(await start().list()).to.have.length(20);
  });

  const damages: Record<string, (text: string) => string> = {
    "of no bytes": () => "",
    "cut short": (text) => text.slice(0, -20),
    "cut at a line": (text) => text.slice(0, text.trimEnd().lastIndexOf("\n") + 1),
    "with one digit changed": (text) => text.replace('"authorized":"42"', '"authorized":"41"'),
    "without its beginning": (text) => text.slice(text.indexOf("\n") + 20),
    "full of zeros": (text) => "\0".repeat(text.length),
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`a file ${what} is refused by name and left as it is, and shows no value`, async () => {
      const damaged = damage(await written());
      writeFileSync(path, damaged);
      expect(() => start()).to.throw(StoreCorruptError, /payer\.json is damaged.*restore the newest backup/);
      expect(() => start()).to.not.throw(/5e5e/);
      expect(readFileSync(path, "utf8")).to.equal(damaged);
    });
  }

  it("a file of another version or program is refused and says so", async () => {
    const text = await written();
    writeFileSync(path, text.replace('"version":2', '"version":9'));
    expect(() => start()).to.throw(StoreVersionError, /another version/);
    writeFileSync(path, '{"name":"package"}\n');
    expect(() => start()).to.throw(StoreVersionError, /another program/);
  });

  it("a file of the version before ticks is read as it is, and is the present version once it is written", async () => {
    const text = await written();
    writeFileSync(path, text.replace('"version":2', '"version":1'));
    const store = start();
    const [record] = await store.list();
    if (!record) throw new Error("nothing was read");
    await store.update(record.id, (kept) => kept && { ...kept, authorized: kept.authorized + 1n });
    expect(readFileSync(path, "utf8")).to.include('"version":2');
  });

  it("in a directory that does not exist is unavailable, with advice", () => {
    path = scratch.path("nowhere/payer.json");
    expect(() => start()).to.throw(StoreUnavailableError, /make its directory first/);
  });

  it("is readable by its owner alone", async () => {
    await written();
    expect(statSync(path).mode & 0o077).to.equal(0);
  });
});
