import type { Client, LocalAccount } from "viem";
import { createSender, LeaseLostError, type Policy, type Sender } from "../chain/index.ts";
import type { ChannelStore, JournalEntry } from "../store/store.ts";
import { createLeadership } from "./leadership.ts";
import type { KeeperLogger } from "./logger.ts";
import type { KeeperOptions } from "./options.ts";

/** A key with what it needs to send: its own nonces in the journal, and the lease that says who uses it. */
export type Hand = {
  /** The lease's name. */
  readonly name: string;
  readonly sender: Sender;
  /** Takes or renews the lease; false while another process has it. */
  leads(): Promise<boolean>;
  /** Whether the last answer was yes and has not run out. */
  held(): boolean;
  release(): Promise<void>;
};

function createHand(options: {
  account: LocalAccount;
  client: Client;
  chainId: number;
  /** Keeps journal and lease. */
  home: ChannelStore;
  holder: string;
  leaseTtl: number;
  clock: () => number;
  confirmations: number | undefined;
  policy: Partial<Policy> | undefined;
  logger: KeeperLogger;
  /** Told of each answer about the lease. */
  onLease?: ((leads: boolean) => void) | undefined;
}): Hand {
  const { account, client, home, clock, confirmations, policy, logger } = options;
  const name = `keeper:${options.chainId}:${account.address.toLowerCase()}`;
  const leadership = createLeadership({
    ...{ store: home, name, holder: options.holder, ttl: options.leaseTtl, now: clock },
  });

  async function leads(): Promise<boolean> {
    const leader = await leadership.renew();
    options.onLease?.(leader);
    return leader;
  }

  const sender = createSender({
    ...{ client, account, journal: home.journal, clock, lease: leads, confirmations, policy },
    onFault: ({ entry, reason }) => logger.warn({ nonce: entry?.nonce, reason }, "survived a fault of the node"),
  });
  return { name, sender, leads, held: leadership.held, release: leadership.release };
}

/** The keeper's own hand, and one for each closer's key, by its address. */
export function createHands(
  options: KeeperOptions,
  around: { home: ChannelStore; clock: () => number; onLease: (leads: boolean) => void },
) {
  const { client, escrow, holder = crypto.randomUUID(), leaseTtl = 60_000, confirmations, logger } = options;
  const shared = {
    ...{ client, chainId: escrow.chainId, holder, leaseTtl, confirmations, logger },
    policy: options.sender,
  };
  const main = createHand({ ...shared, ...around, account: options.account });
  const { home, clock } = around;
  const closers = new Map<string, Hand>();
  for (const { closer: account } of options.rounds ?? []) {
    const address = account?.address.toLowerCase();
    if (!account || !address || closers.has(address)) continue;
    // One account has one sender: two would give one nonce twice.
    closers.set(address, address === main.sender.address ? main : createHand({ ...shared, home, clock, account }));
  }
  return {
    main,
    closers,
    async release() {
      for (const hand of new Set([main, ...closers.values()])) await hand.release();
    },
  };
}

/** The hands of one keeper: each entry of the journal is followed by the one that sent it. */
export type Crew = Pick<Sender, "wait" | "pending" | "recover">;

/** @param closers Hands whose lease may be another process's: their transactions are then that one's. */
export function createCrew(main: Hand, closers: readonly Hand[]): Crew {
  const others = closers.filter((closer) => closer !== main);
  const hands = new Map([main, ...others].map((hand) => [hand.sender.address as string, hand]));

  async function all(ask: (sender: Sender) => Promise<JournalEntry[]>): Promise<JournalEntry[]> {
    const entries = await ask(main.sender);
    for (const closer of others) {
      if (await closer.leads()) entries.push(...(await ask(closer.sender).catch(nothingIfLost)));
    }
    return entries;
  }

  return {
    pending: () => all((sender) => sender.pending()),
    recover: () => all((sender) => sender.recover()),
    wait: (entry, options) => (hands.get(entry.account) ?? main).sender.wait(entry, options),
  };
}

function nothingIfLost(error: unknown): JournalEntry[] {
  if (error instanceof LeaseLostError) return [];
  throw error;
}
