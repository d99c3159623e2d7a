// Who stands in which row or column of roles.md, by what they hold. A test finds somebody of the matrix in each.
import { type ParticipantName, type Person, participations, type RoleName } from "./people.ts";
import { type TableName, tables } from "./transcription.ts";

export type Standing = (person: Person) => boolean;

const has =
  (role: RoleName): Standing =>
  ({ holds, account }) =>
    account === undefined && holds.some((held) => held.role === role);
const isUser: Standing = ({ token, account, operator }) =>
  token === "organisation" && account === undefined && operator === undefined;
const atLevel =
  (role: RoleName): Standing =>
  (person) =>
    has(role)(person) && (has("member")(person) || has("observer")(person));
const takesPart =
  (level: "see" | "share" | "discuss"): Standing =>
  ({ participant }) =>
    participant !== undefined && participations[participant as ParticipantName].level === level;

/** By table: the words of its page for people, each with who they are. */
export const standings = {
  "Three generic levels": {
    admin: has("admin"),
    manager: has("manager"),
    "project creator": has("creator"),
    reporter: has("reporter"),
    member: has("member"),
    observer: has("observer"),
  },
  "Organisation matrix": {
    "organisation admin": has("admin"),
    "project creator": has("creator"),
    "organisation member": has("member"),
    "project manager": has("manager"),
    "project reporter": has("reporter"),
    "project observer": has("observer"),
  },
  "Projects and folders": {
    visitor: ({ token }) => token === "none",
    "registered user": (person) =>
      isUser(person) && person.holds.length === 0 && !person.held && !person.participant && !person.follows,
    contributor: (person) => isUser(person) && person.follows !== undefined,
    "project manager": has("manager"),
    "folder manager": has("folder_manager"),
    admin: has("admin"),
  },
  "Things inside a project": {
    "board admin": has("board_admin"),
    "board member": has("board_member"),
    "album manager": has("album_manager"),
    "album member": has("album_member"),
    "event manager": has("event_manager"),
    "event worker": has("event_worker"),
  },
  "A colleague and a contact": {
    "post updates": atLevel("contact_updates"),
    "profile only": atLevel("contact_profile"),
    "headline only": atLevel("contact_headline"),
    none: atLevel("contact_none"),
  },
  "A participant": { see: takesPart("see"), share: takesPart("share"), discuss: takesPart("discuss") },
  "Other systems and operators": {
    "service account": ({ account }) => account !== undefined,
    "billing operator (platform)": ({ operator }) => operator === "billing operator (platform)",
    "platform operator": ({ operator }) => operator === "platform operator",
  },
} satisfies Partial<Record<TableName, Readonly<Record<string, Standing>>>>;

/** The words for people in a table of the page: those of its columns, of its rows, or of its cells. */
export function peopleOf(table: keyof typeof standings): string[] {
  const { columns, rows } = tables[table];
  if (table === "Three generic levels") return Object.values(rows).flat();
  return table === "Projects and folders" || table === "A participant" ? [...columns] : Object.keys(rows);
}
