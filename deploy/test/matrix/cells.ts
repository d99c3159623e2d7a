// The cells of the matrix: each way to call each RPC × each person × each target × each setting; what each must answer.
import { createHash } from "node:crypto";
import { operations } from "@partake/contract";
import { expectations } from "./expectations/expectations.ts";
import { isForPeople } from "./expectations/for-people.ts";
import type { Case, Target } from "./expectations/targets.ts";
import { type Person, people } from "./people.ts";
import { held } from "./rules.ts";
import { isRouted, type RoutedOperation } from "./sending.ts";
import type { Organisation, World } from "./world.ts";

/**
 * allowed: it is done, or refused for a reason that only those learn who may. forbidden: 403. hidden: as if there were nothing.
 * unknown: 401. unrelated: 404 or 403, whoever asks. present, absent: in a list.
 */
export type Verdict = "allowed" | "forbidden" | "hidden" | "unknown" | "unrelated" | "present" | "absent";

export interface Cell {
  name: string;
  operation: RoutedOperation;
  way: Case;
  person: Person;
  organisation: Organisation;
  target: Target;
  expected: Verdict;
}

export const rpcName = ({ service, name }: { service: string; name: string }): string => `${service}.${name}`;

export const routed: readonly RoutedOperation[] = operations.filter(isRouted);

/** RPCs of the contract that nobody said who may call, and expectations of RPCs that are not in the contract. */
export function unmapped(): { missing: string[]; unknown: string[] } {
  const names = routed.filter(({ access }) => access.kind !== "services").map(rpcName);
  return {
    missing: names.filter((name) => (expectations[name] ?? []).length === 0),
    unknown: Object.keys(expectations).filter((name) => !names.includes(name)),
  };
}

export function allCells({ organisations }: World): Cell[] {
  return organisations.flatMap((organisation) =>
    routed.flatMap((operation) =>
      (expectations[rpcName(operation)] ?? []).flatMap((way) =>
        people.flatMap((person) =>
          way.targets.map((target) => {
            const about = way.about === undefined ? "" : ` (${way.about})`;
            const name = `${rpcName(operation)}${about} as ${person.name}, at ${target.name}; ${organisation.setting.name}`;
            const expected = expectedOf({ operation, way, person, organisation, target });
            return { name, operation, way, person, organisation, target, expected };
          }),
        ),
      ),
    ),
  );
}

function expectedOf({ operation, way, person, organisation, target }: Omit<Cell, "name" | "expected">): Verdict {
  const { setting } = organisation;
  const { access } = operation;
  const isKnown = access.kind === "public" || person.token === "organisation" || person.token === "platform";
  const isNowhere = target.foreign === true;
  const ask = { person, setting, subject: target.subject };
  const acts = held(way.acts, { forPeople: isForPeople(rpcName(operation)) });
  const may = !isNowhere && target.mismatch !== true && acts(ask);
  if (way.item) return may ? "present" : "absent";
  if (!isKnown && !(access.kind === "account" && person.token === "account")) return "unknown";
  if (target.mismatch) return "unrelated";
  if (may) return "allowed";
  return !isNowhere && held(way.sees, { forPeople: false })(ask) ? "forbidden" : "hidden";
}

/** As many as a run of all tests has the time for: about a tenth. */
const SHARE_CELLS = 5_700;

/** A part of the cells, always the same for a seed, in which every RPC and every person is. */
export function shareOf(cells: readonly Cell[], seed: string): Cell[] {
  const rank = ({ name }: Cell) => createHash("sha1").update(`${seed} ${name}`).digest("hex");
  const ranked = cells.map((cell) => ({ cell, rank: rank(cell) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const left = new Set([...cells.map(({ operation }) => operation.path), ...people.map(({ name }) => name)]);
  // Of each RPC and each person one first; then whatever comes.
  const first = ranked.filter(({ cell }) => {
    const isNew = left.has(cell.operation.path) || left.has(cell.person.name);
    left.delete(cell.operation.path);
    left.delete(cell.person.name);
    return isNew;
  });
  return [...new Set([...first, ...ranked].map(({ cell }) => cell))].slice(0, SHARE_CELLS);
}
