import { collectFirst, gifts } from "./gas/gifts.ts";
import { compile, versions } from "./gas/index.ts";
import { setRound } from "./gas/round.ts";
import { working } from "./gas/row.ts";
import { settleRound } from "./gas/settlement.ts";
import { withStage } from "./gas/stage.ts";
import type { Bench, OnRow, Row } from "./report.ts";

/** How many donors gave before the gift that is measured. */
type Crowds = { small: number; large: number };

const crowds: Crowds = { small: 10, large: 10_000 };
const sizes = [10, 100, 1_000] as const;

/** What a gift costs after few and after many donors, and a settlement of few and of many projects. */
export const pool: Bench = {
  flags: {},
  async run(_flags, onRow) {
    compile();
    return {
      bench: "pool",
      work: `a donor's first gift to 5 projects after ${crowds.small} and after ${crowds.large} donors; settling ${sizes.join(", ")} projects`,
      versions: versions(),
      rows: await measurePool(crowds, sizes, onRow),
    };
  },
};

/** A gift is to cost the same after many donors, and each project of a settlement no more among many. */
export async function measurePool(
  { small, large }: Crowds,
  [few, some, many]: readonly [number, number, number],
  onRow: OnRow = () => {},
): Promise<Row[]> {
  const rows: Row[] = [];
  const add = async (key: string, work: Promise<number>, atMost?: number) => {
    onRow(rows.length, 6, key);
    const value = await working(key, work);
    rows.push({ key, value, unit: "gas", atMost });
    return value;
  };
  const least = await add("gift_gas_small", giftAfter(small));
  await add("gift_gas_large", giftAfter(large), least);
  const settle = (projects: number) => withStage((stage) => settleRound(stage, projects));
  const first = await add(`settle_gas_${few}`, settle(few));
  const second = await add(`settle_gas_${some}`, settle(some));
  const rising = (second - first) / (some - few);
  const third = await add(`settle_gas_${many}`, settle(many), Math.ceil((second + rising * (many - some)) * 1.02));
  await add("settle_gas_per_project", Promise.resolve(Math.ceil((third - second) / (many - some))), 3_000);
  return rows;
}

function giftAfter(donors: number): Promise<number> {
  return withStage(async (stage) => {
    const round = await setRound(stage, 5);
    await round.crowd(donors, gifts(round, 712_345n));
    return collectFirst(round);
  });
}
