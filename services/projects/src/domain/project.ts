import { failure } from "@partake/failure";

export type Status = "draft" | "published" | "archived" | "deleted";
export type Visibility = "public" | "registered" | "groups" | "people";

/** What people say of a project. */
export interface Content {
  title: string;
  description: string;
  /** A patch never deletes: that status is not among those that it can name. (R17) */
  status: Exclude<Status, "deleted">;
  visibility: Visibility;
  startsOn?: string | undefined;
  endsOn?: string | undefined;
}

/** A field that is absent, or undefined, stays as it is. */
export type Patch = { [F in keyof Content]?: Content[F] | undefined };

/** A new project, with what it is unless its request says otherwise: a draft, for its own people. */
export function begin(given: Patch & Pick<Content, "title" | "description">): Content {
  const { title, description, status = "draft", visibility = "people" } = given;
  return checked({ title, description, status, visibility, ...dates(given) });
}

/** What a patch changes; a date that is cleared is there, as undefined. */
export type Changes = { [F in keyof Content]?: Content[F] };

/** The fields that a patch changes; what the project is then must still hold together. */
export function revise(project: Content, patch: Patch, clear: readonly ("startsOn" | "endsOn")[] = []): Changes {
  const changed = Object.entries(patch).filter(
    ([field, value]) => value !== undefined && value !== project[field as keyof Content],
  );
  const cleared = clear.filter((field) => project[field] !== undefined).map((field) => [field, undefined] as const);
  const changes = { ...Object.fromEntries(changed), ...Object.fromEntries(cleared) } as Changes;
  checked({ ...project, ...changes });
  return changes;
}

function dates({ startsOn, endsOn }: Patch): Pick<Content, "startsOn" | "endsOn"> {
  return { ...(startsOn !== undefined && { startsOn }), ...(endsOn !== undefined && { endsOn }) };
}

/** Dates of one form (RFC 3339, full-date) compare as text. */
function checked(content: Content): Content {
  const { startsOn, endsOn } = content;
  if (startsOn === undefined || endsOn === undefined || startsOn <= endsOn) return content;
  throw failure("invalid", "ends_before_start", {
    errors: [{ pointer: "/endsOn", code: "too_small", message: "The end is not before the start." }],
  });
}
