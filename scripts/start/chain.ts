// The chain of the demonstration: Hardhat's OP-stack simulation behind JSON-RPC on a free port of 127.0.0.1.
import hre from "hardhat";

const server = await hre.network.createServer({ network: "default", chainType: "op" }, "127.0.0.1", 0);
const { address, port } = await server.listen();
process.send?.({ ready: true, url: `http://${address}:${port}` });

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => server.close().then(() => process.exit(0)));
process.on("disconnect", () => process.exit(0));
