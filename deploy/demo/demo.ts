import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COLLEAGUES, contacts, ORGANISATION_ID } from "./cast.ts";
import { type DemoOptions, make } from "./make.ts";

/** What is remembered of the demo beside the data: that it was made, and on which day its half year of answers ends. */
interface Made {
  organisationId: string;
  until: string;
  complete: boolean;
}

/** Makes the demo organisation unless it is there; one that was broken off goes on where it stopped. */
export async function makeDemo(
  options: Omit<DemoOptions, "until"> & { folder: string },
): Promise<"made" | "was there"> {
  const file = join(options.folder, "demo.json");
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Made) : undefined;
  if (before?.complete) return "was there";
  const until = before ? new Date(before.until) : new Date();
  remember(file, { organisationId: ORGANISATION_ID, until: until.toISOString(), complete: false });
  await make({ ...options, until });
  remember(file, { organisationId: ORGANISATION_ID, until: until.toISOString(), complete: true });
  return "made";
}

/** Who can be logged in as, one for each kind of person. */
export function demoLogIns(): { what: string; email: string }[] {
  const participant = contacts().find(({ participation }) => participation?.level === "discuss");
  const staff = COLLEAGUES.map(({ role, email }) => ({ what: role.replace("_", " "), email }));
  return [...staff, ...(participant ? [{ what: "participant", email: participant.email }] : [])];
}

function remember(file: string, made: Made): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(made, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}
