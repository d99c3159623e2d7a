import type { Parts } from "@partake/service";

/** Whether an organisation has published projects that every registered user sees. (ADR 22) */
export async function showsProjects(
  { rightsOf }: Pick<Parts, "rightsOf">,
  of: Parameters<Parts["rightsOf"]>[0],
): Promise<boolean> {
  const caller = await rightsOf(of);
  return caller !== undefined && caller.rights.places.openProjects(of.organisationId).length > 0;
}
