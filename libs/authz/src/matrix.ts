import type { Switches } from "./facts.ts";
import { policy, presets } from "./policy.ts";
import { contactLevels, levelOfProjectRole, rolesOfScope } from "./roles.ts";
import { type PermissionEntry, type Rule, relations } from "./rule.ts";

const switchWords: Record<keyof Switches, string> = {
  managersGiveRoles: "managers give roles",
  creatorsCreateProjects: "creators create projects",
  contactCreators: "the preference lists the role",
  redactedAccess: "redacted access",
  visitorsSeeProjects: "visitors see projects",
};

/** The reference of roles and permissions, from the policy. */
export function renderMatrix(): string {
  return `${[
    "# Roles and permissions",
    "Rendered from `libs/authz/src/policy.ts` by `npm run generate`; edit that table, not this page. Whatever is not listed is refused.",
    "## Roles, by what they are held on",
    table(
      ["scope", "roles"],
      Object.entries(rolesOfScope).map(([scope, roles]) => [scope, roles.map(code).join(", ")]),
    ),
    "## Presets",
    presetTable(),
    "## Levels of a colleague for a contact",
    levelText(),
    "## Permissions",
    "“Redacted” says that redacted access keeps admins and derived rights away from it in the organisation's projects.",
    ...sections(),
  ].join("\n\n")}\n`;
}

function presetTable(): string {
  const names = Object.keys(presets.charity) as (keyof Switches)[];
  const rows = names.map((name) => [
    name === "contactCreators" ? "who may create contacts" : switchWords[name],
    word(presets.charity[name]),
    word(presets.civic[name]),
  ]);
  return table(["switch", "charity", "civic"], rows);
}

function word(value: boolean | readonly string[]): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : value.join(", ");
}

function levelText(): string {
  const roles = Object.entries(levelOfProjectRole).map(([role, level]) => `${code(role)} gives ${level}`);
  return `${[...contactLevels].reverse().join(" > ")}. A direct grant on the contact decides, also downwards; of several the lowest. Else a role in a project that the contact is in: ${roles.join(", ")}, the highest counts; a folder's manager counts as its projects' manager. Admins have ${contactLevels.at(-1)}, but for redacted projects. Whoever has no role as a colleague has none.`;
}

function sections(): string[] {
  const byThing = Map.groupBy(Object.entries(policy), ([name]) => name.slice(0, name.indexOf(".")));
  return [...byThing].flatMap(([thing, entries]) => [
    `### ${thing.replaceAll("_", " ")}`,
    table(
      ["permission", "allows to", "held by", "redacted"],
      entries.map(([name, entry]) => row(name, entry)),
    ),
  ]);
}

function row(name: string, { is, holders, personal, peopleOnly }: PermissionEntry): string[] {
  const who = [...holders.map(holderText), ...(peopleOnly ? ["never a service account"] : [])];
  return [code(name), is, who.join("<br>"), personal ? "yes" : ""];
}

/** One line of the table, as a person would say it. */
export function holderText(rule: Rule): string {
  const who = rule.roles.length === 0 ? "any registered user" : rule.roles.map(code).join(", ");
  const conditions = [
    rule.when && `if ${rule.when.map((name) => switchWords[name]).join(" or ")}`,
    rule.unless && `not with ${switchWords[rule.unless]}`,
    rule.level && `level ${rule.level} for the contact`,
    rule.levels && `level ${rule.levels.join(" or ")}`,
    rule.anyState && "also paused or ended",
    rule.made && "what they made themselves",
    rule.aboutOthers && "not about themselves",
    rule.evenRedacted && "also with redacted access",
    rule.evenDeleted && "also in a deleted project",
  ].filter((text) => typeof text === "string");
  return [`${who} ${relations[rule.on]}`, ...conditions].join("; ");
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
