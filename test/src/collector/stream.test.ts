import { expect } from "chai";
import { createStream, type Stream } from "../../../src/collector/stream.ts";
import { until } from "../chain/support.ts";

describe("collector stream", () => {
  let stream: Stream;
  let version = 0;
  const open = (heartbeat: number) => {
    const source = { version: () => version, text: () => `text ${version}` };
    stream = createStream(source, { maxClients: 2, pace: 2, heartbeat });
  };
  beforeEach(() => {
    version = 0;
    open(10);
  });
  afterEach(() => stream.stop());

  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  it("given a listener that takes its time, skips what it missed and holds one text for it", async () => {
    open(60_000);
    const reader = stream.open().body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    for (let count = 0; count < 10; count++) {
      version += 1;
      await pause(3);
    }
    const texts: string[] = [];
    while (!texts.some((text) => text.includes("text 10"))) {
      const { value } = await reader.read();
      const text = new TextDecoder().decode(value);
      if (!text.startsWith(":")) texts.push(text);
    }
    expect(texts).to.deep.equal(["event: totals\nid: 0\ndata: text 0\n\n", "event: totals\nid: 10\ndata: text 10\n\n"]);
  });

  it("given a listener that takes nothing, breaks off and gives its place to another", async () => {
    const stuck = stream.open();
    await until(() => stream.clients === 0);
    const failure = await stuck.text().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(Error);
    expect(stream.open().status).to.equal(200);
  });

  it("given more listeners than it serves, refuses the last with advice", async () => {
    stream.open();
    stream.open();
    const refused = stream.open();
    expect(refused.status).to.equal(503);
    expect(await refused.text()).to.contain("Ask for /totals now and then");
  });

  it("stopped, ends every response in order", async () => {
    const response = stream.open();
    stream.stop();
    expect(await response.text()).to.equal("event: totals\nid: 0\ndata: text 0\n\n");
    expect(stream.clients).to.equal(0);
  });
});
