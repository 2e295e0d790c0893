import type { PayerRecord, PayerStore } from "./payerStore.ts";

/** The records that match, ordered by id. */
export function selectPayerRecords(
  records: Iterable<PayerRecord>,
  query: NonNullable<Parameters<PayerStore["list"]>[0]>,
): PayerRecord[] {
  const [payee, token, payer] = [query.payee, query.token, query.payer].map((address) => address?.toLowerCase());
  return [...records]
    .filter(({ channel }) => payee === undefined || channel.payee === payee)
    .filter(({ channel }) => token === undefined || channel.token === token)
    .filter(({ channel }) => payer === undefined || channel.payer === payer)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
