import type { Arrived } from "@partake/bus";
import type { Events } from "@partake/contract";

/** Something that is open for as long as somebody may have it: a stream, a download. */
export interface Attended {
  readonly userId: string;
  /** Absent: of the person's own account. */
  readonly organisationId: string | undefined;
  /** Looks at the right again, and ends what is open where it is gone. */
  check(): void;
}

/** Has whatever is open looked at again when a change of rights concerns it, so that it ends within a second. (R19) */
export interface Attendance {
  /** Keeps an eye on something until the function that it gives is called. */
  attend(attended: Attended): () => void;
  /** A change of the topics `roles` and `scopes`, after the live grants and places have taken it in. */
  handle(arrived: Arrived): void;
}

export function createAttendance(): Attendance {
  const byUser = new Map<string, Set<Attended>>();
  const byOrganisation = new Map<string, Set<Attended>>();
  return {
    attend(attended) {
      const { userId, organisationId = "" } = attended;
      put(byUser, userId, attended);
      put(byOrganisation, organisationId, attended);
      return () => {
        drop(byUser, userId, attended);
        drop(byOrganisation, organisationId, attended);
      };
    },
    handle(arrived) {
      for (const attended of concerned(arrived) ?? []) attended.check();
    },
  };

  function concerned({ type, data }: Arrived): Set<Attended> | undefined {
    switch (type) {
      case "org.partake.organisation.changed.v1":
      case "org.partake.project.scope-changed.v1":
        return byOrganisation.get((data as Events[typeof type]).organisationId);
      case "org.partake.session.ended.v1":
        return byUser.get((data as Events[typeof type]).userId);
      case "org.partake.user.changed.v1":
        return byUser.get((data as Events[typeof type]).userId);
      case "org.partake.grant.changed.v1":
        return byUser.get((data as Events[typeof type]).userId);
      case "org.partake.withheld-right.changed.v1":
        return byUser.get((data as Events[typeof type]).userId);
      default:
        return undefined;
    }
  }
}

function put(index: Map<string, Set<Attended>>, key: string, attended: Attended): void {
  index.set(key, (index.get(key) ?? new Set()).add(attended));
}

function drop(index: Map<string, Set<Attended>>, key: string, attended: Attended): void {
  const known = index.get(key);
  if (known?.delete(attended) && known.size === 0) index.delete(key);
}
