// What must hold of the escrow in every history, whatever it does: checked on the model, to which the escrow is then held. Named as
// in the list of the escrow's invariants.
import type { Command, Step } from "./command.ts";
import { signerOf } from "./escrow.ts";
import { type Channel, type Name, nameOf, type Paper, same } from "./types.ts";
import { balanceOf, type ChannelState, change, creditOf, maxDeposit, type World } from "./world.ts";

/** @returns the first step that breaks any, and how. */
export function brokenInvariants(steps: readonly Step[]): { index: number; faults: string[] } | undefined {
  const gifts = new Map<Name, bigint>();
  const papers: Paper[] = [];
  /** Keys that an account with code has gone by. */
  const keys = new Map<Name, Set<Name>>();
  for (const [index, { command, before, outcome }] of steps.entries()) {
    const { world: after, refusal } = outcome;
    papers.push(...papersOf(command));
    for (const [name, { key }] of before.wallets) if (key) keys.set(name, (keys.get(name) ?? new Set()).add(key));
    if (command.verb === "give" && !refusal) {
      const arrived = balanceOf(after, command.token, "escrow") - balanceOf(before, command.token, "escrow");
      gifts.set(command.token, (gifts.get(command.token) ?? 0n) + arrived);
    }
    const faults = refusal
      ? []
      : [...solvencyFaults(after, gifts), ...stepFaults(command, before, after, papers, keys)];
    if (faults.length > 0) return { index, faults };
  }
  return undefined;
}

/** Solvency, with equality: what the escrow holds is what live channels and credits are owed, and what it was given. */
function solvencyFaults(world: World, gifts: ReadonlyMap<Name, bigint>): string[] {
  return ["zero", ...world.tokens.keys()].flatMap((token) => {
    const live = [...world.channels.values()].filter(({ channel, finalized }) => !finalized && channel.token === token);
    const locked = live.reduce((sum, { deposit, settled }) => sum + deposit - settled, 0n);
    const credited = [...world.credits].filter(([name]) => name.startsWith(`${token}/`));
    const owed = credited.reduce((sum, [, amount]) => sum + amount, locked + (gifts.get(token) ?? 0n));
    const held = balanceOf(world, token, "escrow");
    return held === owed ? [] : [`solvency: the escrow holds ${held} of ${token} and owes ${owed}`];
  });
}

/** What one step may do to channels. */
function stepFaults(
  command: Command,
  before: World,
  after: World,
  papers: readonly Paper[],
  keys: ReadonlyMap<Name, ReadonlySet<Name>>,
): string[] {
  const faults: string[] = [];
  const named = new Set(channelsNamed(command).map(nameOf));
  for (const [name, now] of after.channels) {
    const then = before.channels.get(name);
    if (same(then, now)) continue;
    const hold = (condition: boolean, sentence: string) => {
      if (!condition) faults.push(`${sentence}: ${name}`);
    };
    hold(named.has(name), "isolation: a step changed a channel that it does not name");
    hold(
      now.settled <= now.deposit && now.deposit <= maxDeposit && now.settled >= 0n,
      "bounds: settled, deposit, most",
    );
    hold(!then?.finalized, "stickiness: a closed channel changed");
    if (!then) hold(now.settled === 0n && !now.finalized, "opening: a channel was not born empty");
    if (then)
      hold(now.deposit >= then.deposit && now.settled >= then.settled, "monotony: deposit or settled went down");
    if (now.settled > (then?.settled ?? 0n)) {
      hold(isPromised(now, papers, keys), "authorization: more was settled than the signer ever signed");
    }
    if (now.finalized && command.verb === "withdraw") {
      const readyAt = (then?.closeRequestedAt ?? after.now) + after.closeGracePeriod;
      hold(after.now >= readyAt, "grace: the payer left before its time");
    } else if (now.finalized) {
      hold(command.verb.startsWith("close"), "grace: ended by neither payee nor time");
    }
  }
  for (const name of before.channels.keys()) if (!after.channels.has(name)) faults.push(`a channel vanished: ${name}`);
  return [...faults, ...outsiderFaults(command, before, after), ...payoutFaults(command, before, after)];
}

/** What a step settles goes to payees, what it refunds to payers, as money or as credit, once and to the unit. */
function payoutFaults({ verb }: Command, before: World, after: World): string[] {
  if (!/^(settle|close|withdraw$)/.test(verb)) return [];
  const owed = new Map<string, bigint>();
  for (const [name, { channel, deposit, settled, finalized }] of after.channels) {
    const then = before.channels.get(name);
    change(owed, `${channel.token}/${channel.payee}`, settled - (then?.settled ?? 0n));
    if (finalized && !then?.finalized) change(owed, `${channel.token}/${channel.payer}`, deposit - settled);
  }
  const holding = (world: World, token: Name, name: Name) =>
    balanceOf(world, token, name) + creditOf(world, token, name);
  // One that charges keeps a part of what its receiver is paid.
  const exact = [...after.tokens].filter(([, { kind, moody }]) => !(kind === "SwitchedFeeToken" && moody));
  return ["zero", ...exact.map(([token]) => token)].flatMap((token) =>
    [...after.coins.keys()].flatMap((name) => {
      const gain = holding(after, token, name) - holding(before, token, name);
      const due = owed.get(`${token}/${name}`) ?? 0n;
      return name === "escrow" || gain === due ? [] : [`conservation: ${name} got ${gain} of ${token}, not ${due}`];
    }),
  );
}

/** Nobody who is no party gains, unless an owner of a credit sends it there. */
function outsiderFaults(command: Command, before: World, after: World): string[] {
  if (command.verb === "withdrawCreditTo") return [];
  const parties = new Set([
    "escrow",
    ...[...after.channels.values()].flatMap(({ channel }) => [channel.payer, channel.payee]),
  ]);
  return ["zero", ...after.tokens.keys()].flatMap((token) =>
    [...after.coins.keys()].flatMap((name) => {
      const gain = balanceOf(after, token, name) - balanceOf(before, token, name);
      return gain > 0n && !parties.has(name) ? [`outsiders: ${name}, no party, gained ${gain} of ${token}`] : [];
    }),
  );
}

/** Whether some paper of the signer's promises what is settled. */
function isPromised(
  { channel, settled }: ChannelState,
  papers: readonly Paper[],
  keys: ReadonlyMap<Name, ReadonlySet<Name>>,
): boolean {
  const signer = signerOf(channel);
  return papers.some(({ by, over }) => {
    if (by !== signer && !keys.get(signer)?.has(by)) return false;
    if (over.domain !== "escrow" || !("channel" in over) || !same(over.channel, channel)) return false;
    if (over.type === "Voucher") return over.cumulativeAmount >= settled;
    return over.type === "TickVoucher" && over.cumulativeAmount + 65_535n * over.tickValue >= settled;
  });
}

function papersOf(command: Command): Paper[] {
  if ("batch" in command) return command.batch.rows.flatMap(({ paper }) => paper ?? []);
  return "paper" in command ? [command.paper] : [];
}

function channelsNamed(command: Command): Channel[] {
  if (command.verb === "open") return [{ ...command.channel, payer: command.caller }];
  if ("channel" in command) return [command.channel];
  if (!("batch" in command)) return [];
  const { payee, token, rows } = command.batch;
  return rows.map(({ payer, salt, authorizedSigner }) => ({ payer, payee, token, salt, authorizedSigner }));
}
