import type { Hex } from "viem";
import { formatAmount } from "../amount.ts";
import type { TickPayment } from "../tick.ts";
import type { Fields } from "./fields.ts";
import type { Json } from "./json.ts";

/** Reads the fields of a `tick` action beside its channel. Shape alone: what a link is worth is for the payee to find out. */
export function readTick(fields: Fields, channelId: Hex): TickPayment {
  return {
    channelId,
    tickRoot: fields.hex("tickRoot", 32),
    ticks: fields.integer("ticks"),
    link: fields.hex("link", 32),
    ...fields.optional("offer", (name) => {
      const offer = fields.object(name);
      return {
        cumulativeAmount: offer.amount("cumulativeAmount"),
        tickValue: offer.amount("tickValue"),
        signature: offer.hex("signature", 65),
      };
    }),
  };
}

/** A payment by ticks as it travels. */
export function writeTick({ channelId, tickRoot, ticks, link, offer }: TickPayment): Json {
  return {
    action: "tick",
    channelId,
    tickRoot,
    ticks,
    link,
    offer: offer && {
      cumulativeAmount: formatAmount(offer.cumulativeAmount),
      tickValue: formatAmount(offer.tickValue),
      signature: offer.signature,
    },
  };
}
