import { type Fields, fieldsOf } from "../../protocol/wire/fields.ts";
import { parseJson } from "../../protocol/wire/json.ts";
import { AuditError } from "../errors.ts";
import type { PublishedTotals } from "./report.ts";

/**
 * Reads what a collector publishes, as `GET /totals` answers.
 * @throws {@link AuditError} for anything else.
 */
export function readTotals(text: string): PublishedTotals {
  const value = parseJson(text, { maxLength: maxTotalsLength });
  const fields = fieldsOf(value, "totals", malformed);
  // A round has up to 1,000 projects, more than a list on the wire may have.
  const projects = (value as { projects?: unknown }).projects;
  if (!Array.isArray(projects)) throw malformed("totals.projects is missing");
  return {
    projects: projects.map((each) => readProject(fieldsOf(each, "totals.projects", malformed))),
    sum: fields.amount("sum"),
    channels: fields.integer("channels"),
  };
}

function readProject(row: Fields) {
  return { projectId: row.amount("projectId"), gifts: row.amount("gifts"), donors: row.integer("donors") };
}

/** Longest answer that is read, characters: a thousand projects. */
const maxTotalsLength = 262_144;

const malformed = (reason: string) =>
  new AuditError("malformed-totals", `The published totals could not be read: ${reason}. Take GET /totals, whole.`);
