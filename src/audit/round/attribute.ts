import type { Gift } from "../../protocol/allocation.ts";
import { maxGifts } from "../../protocol/allocation.ts";
import { donationId, keyId } from "../../protocol/line.ts";
import { emptyEntry, fullWeight } from "../../protocol/quadratic/index.ts";
import { countGift } from "../../protocol/quadratic/tally.ts";
import type { PoolEvent } from "./events.ts";
import { type Books, broken, type Payment, type RoundLedger, sumOf } from "./ledger.ts";
import { requireStatus, requireTime } from "./rules.ts";

type Event<name extends PoolEvent["name"]> = Extract<PoolEvent, { name: name }>;

/** A channel's gifts: its list holds what stood, adds only to projects that take gifts, and never more than it brought. */
export function collect(books: Books, round: RoundLedger, event: Event<"Collected">): Payment[] {
  const { channelId, donor, matched, gifts } = event.args;
  const { pool, terms } = round.rules;
  requireOpen(round, event);
  const channel = books.ledger.channels.get(channelId);
  const own =
    channel?.channel.payee === pool && channel.channel.token === terms.token && channel.channel.payer === donor;
  if (!own) {
    broken(round, event, "foreign-channel", `Channel ${channelId} is not one of ${donor} to this pool in its token.`);
  }
  const settled = channel?.settled ?? 0n;
  const sum = sumOf(gifts);
  if (sum > settled) {
    const message = `Gifts and refunds of ${sum} stand on channel ${channelId}, which has brought ${settled}.`;
    broken(round, event, "gifts-above-settled", message, { channelId, expected: settled, actual: sum });
  }
  const previous = round.lines.get(channelId)?.gifts ?? [];
  holdList(round, event, gifts);
  const before = new Map(previous.map(({ projectId, cumulativeAmount }) => [projectId, cumulativeAmount]));
  const after = new Map(gifts.map(({ projectId, cumulativeAmount }) => [projectId, cumulativeAmount]));
  for (const [projectId, least] of before) {
    const actual = after.get(projectId) ?? 0n;
    const kept = projectId === 0n ? actual === least : actual >= least;
    if (kept) continue;
    const message = `Project ${projectId} had ${least} of channel ${channelId}, and has ${actual} now.`;
    broken(round, event, "gift-lowered", message, { channelId, projectId, expected: least, actual });
  }
  const increments = gifts
    .map(({ projectId, cumulativeAmount }) => [projectId, cumulativeAmount - (before.get(projectId) ?? 0n)] as const)
    .filter(([, amount]) => amount > 0n);
  if (increments.length === 0) broken(round, event, "impossible-event", "It attributes nothing.", { channelId });
  attribute(books, round, event, increments, matched);
  round.lines.set(channelId, { of: "channel", donor, gifts });
  return [];
}

/** A wallet's gifts: a line of their own, all of it new. */
export function donate(books: Books, round: RoundLedger, event: Event<"Donated">): Payment[] {
  const { donationId: id, donor, salt, matched, gifts } = event.args;
  requireOpen(round, event);
  const expectedId = donationId(donor, salt);
  if (id !== expectedId) broken(round, event, "id-mismatch", `The donor and salt belong to donation ${expectedId}.`);
  if (round.lines.has(id)) broken(round, event, "reopened", `Donation ${id} was made before.`);
  holdList(round, event, gifts);
  const amount = sumOf(gifts);
  if (amount === 0n) broken(round, event, "impossible-event", "It gives nothing.");
  attribute(
    books,
    round,
    event,
    gifts.map((gift) => [gift.projectId, gift.cumulativeAmount] as const),
    matched,
  );
  round.lines.set(id, { of: "donation", donor, gifts });
  round.donated += amount;
  return [{ direction: "in", account: donor, amount, at: event.at }];
}

/** The donor's key and weight, once and for all. */
export function weighDonor(round: RoundLedger, event: Event<"DonorWeighed">): Payment[] {
  const { donor, key, weightBps } = event.args;
  requireOpen(round, event);
  if (!round.rules.terms.matching) broken(round, event, "impossible-event", "The round counts nobody.");
  if (weightBps < 1 || weightBps > fullWeight) {
    const message = `${donor} was given a weight of ${weightBps} basis points.`;
    broken(round, event, "standing-changed", message, { account: donor, actual: BigInt(weightBps) });
  }
  const known = round.standings.get(donor);
  if (known) {
    const message = `${donor} counted as ${known.key} with ${known.weightBps} basis points before.`;
    broken(round, event, "standing-changed", message, { account: donor });
  }
  round.standings.set(donor, { key, keyId: keyId(key), weightBps });
  return [];
}

/** What a project that takes none was meant to get; nothing moves. */
export function skipGift(books: Books, round: RoundLedger, event: Event<"GiftSkipped">): Payment[] {
  const { channelId, projectId, amount } = event.args;
  requireOpen(round, event);
  round.skipped.set(`${channelId}:${projectId}`, amount);
  if (takesGifts(books, round, projectId)) {
    const message = `Project ${projectId} takes gifts, and one was left out.`;
    broken(round, event, "wrongly-skipped", message, { channelId, projectId });
  }
  return [];
}

function attribute(
  books: Books,
  round: RoundLedger,
  event: Event<"Collected" | "Donated">,
  increments: readonly (readonly [projectId: bigint, amount: bigint])[],
  matched: boolean,
): void {
  const { terms } = round.rules;
  const counts = matched && terms.matching;
  const standing = counts ? round.standings.get(event.args.donor) : undefined;
  if (counts && !standing) {
    const account = event.args.donor;
    broken(round, event, "unweighed", `${account} has no key and no weight, and its gifts count.`, { account });
  }
  for (const [projectId, amount] of increments) {
    if (!takesGifts(books, round, projectId)) {
      const message = `Project ${projectId} takes no gifts, and was given ${amount}.`;
      broken(round, event, "not-accepted", message, { projectId, actual: amount });
    }
    const project = round.projects.get(projectId);
    if (!project) continue;
    project.gifts += amount;
    if (!standing) continue;
    const voice = `${standing.keyId}:${projectId}`;
    const entry = round.voices.get(voice) ?? emptyEntry;
    const counted = countGift(project.tally, entry, { amount, weightBps: standing.weightBps }, terms);
    if (!counted) continue; // Past a limit of the project's fields: attributed, not counted.
    project.tally = counted.project;
    round.voices.set(voice, counted.entry);
  }
}

function takesGifts(books: Books, round: RoundLedger, projectId: bigint): boolean {
  const project = round.projects.get(projectId);
  const registry = books.registries.get(round.rules.terms.registry);
  const accepted = !registry || registry.projects.get(projectId)?.status === "accepted";
  return project !== undefined && accepted;
}

function requireOpen(round: RoundLedger, event: PoolEvent): void {
  requireTime(round, event, { from: round.rules.terms.start, until: round.rules.terms.end });
  requireStatus(round, event, "running");
}

function holdList(round: RoundLedger, event: PoolEvent, gifts: readonly Gift[]): void {
  const ascending = gifts.every(
    ({ projectId }, index) => index === 0 || projectId > (gifts[index - 1]?.projectId ?? 0n),
  );
  const whole = gifts.every(({ cumulativeAmount }) => cumulativeAmount > 0n);
  if (ascending && whole && gifts.length <= maxGifts) return;
  broken(round, event, "malformed-list", "The list is too long, out of order, or has a gift of nothing.");
}
