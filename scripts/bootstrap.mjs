// Runs a script of this repository under the lockfile's own Node, whatever Node (20 or newer) started this file.
// Installs from the lockfile first when that has not been done for this lockfile. Plain JavaScript without dependencies,
// because it runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const ownNode = join(modules, "node", "bin", "node");
const stamp = join(modules, ".installed-lockfile");
const [script, ...args] = process.argv.slice(2);
const path = [join(modules, "node", "bin"), join(modules, ".bin"), process.env.PATH].join(delimiter);

process.chdir(root);
const lockfile = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");

if (!existsSync(ownNode) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== lockfile) {
  // npm leaves out Hardhat's native simulator under an older Node, so the install itself runs under the newer one.
  const version = JSON.parse(readFileSync("package.json", "utf8")).devDependencies.node;
  console.log(`Installing from the lockfile under Node ${version} …`);
  const code = await run("npx", ["--yes", "--package", `node@${version}`, "--call", "npm ci --no-audit --no-fund"]);
  if (code !== 0) {
    console.error("The installation failed: see npm's message above, then run the same command again.");
    process.exit(code);
  }
  writeFileSync(stamp, lockfile);
}

process.exit(await run(ownNode, [script, ...args], { PATH: path }));

function run(command, commandArgs, environment = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { stdio: "inherit", env: { ...process.env, ...environment } });
    // A terminal's Ctrl-C reaches the child by itself too; it takes the second one for the first.
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    child.on("error", (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(127);
    });
    child.on("exit", (code, signal) => {
      process.off("SIGINT", forward).off("SIGTERM", forward);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}
