import { type Verb, verbs } from "./verbs.ts";
import { roles } from "./world.ts";

/** That a role could act by a verb in a phase of a round, and whom it paid. */
export type Sighting = { verb: Verb; role: string; phase: string; receivers: readonly string[] };

/** The table of `docs/transfers.md`, from nothing but what was seen: one row for each verb, caller and receiver. */
export function formatTable(sightings: readonly Sighting[]): string[] {
  const rows = verbs.toSorted().flatMap((verb) => {
    const seen = sightings.filter((sighting) => sighting.verb === verb);
    if (seen.length === 0) return [`| \`${verb}\` | nobody | nobody | never |`];
    const phases = new Map<string, string[]>();
    for (const phase of new Set(seen.map((sighting) => sighting.phase))) {
      const here = seen.filter((sighting) => sighting.phase === phase);
      const who = nameCallers(here.map(({ role }) => role));
      const receives = [...new Set(here.flatMap(({ receivers }) => receivers))].sort().join(", ") || "nobody";
      const key = `| \`${verb}\` | ${who} | ${receives} |`;
      phases.set(key, [...(phases.get(key) ?? []), phase]);
    }
    return [...phases].map(([key, when]) => `${key} ${when.join(", ")} |`);
  });
  return ["| verb | who may call | who receives | when |", "|---|---|---|---|", ...rows];
}

/** The table's rows among the lines of a document. */
export function readTable(document: string): string[] {
  return document.split("\n").filter((line) => line.startsWith("|"));
}

function nameCallers(callers: readonly string[]): string {
  const some = new Set(callers);
  if (roles.every((role) => some.has(role))) return "anyone";
  return roles
    .filter((role) => some.has(role))
    .map((role) => `the ${role}`)
    .join(", ");
}
