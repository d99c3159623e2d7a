/** What an access token can be for (RFC 8707). */
export type Resource = { kind: "account" } | { kind: "organisation"; organisationId: string };

const organisation = /^orgs\/(platform|org_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The resource that an indicator names, or undefined. Only the exact form counts: a token's audience is compared as text. */
export function readResource(indicator: string, origin: string): Resource | undefined {
  if (!indicator.startsWith(`${origin}/`)) return undefined;
  const path = indicator.slice(origin.length + 1);
  if (path === "account") return { kind: "account" };
  const organisationId = organisation.exec(path)?.[1];
  return organisationId === undefined ? undefined : { kind: "organisation", organisationId };
}

/** The indicator of one's own account, for which a token is when no other is named. */
export function accountResource(origin: string): string {
  return `${origin}/account`;
}

const federated = "urn:partake:federated:";

/** How a session tells that an organisation's own provider vouched for the person. */
export function federatedContext(organisationId: string): string {
  return `${federated}${organisationId}`;
}

/**
 * Whether a session may get a token for an organisation. A provider that one organisation configured speaks for that
 * organisation only: whoever runs it could otherwise act in the others as the people it names.
 */
export function contextAllows(acr: string | undefined, organisationId: string): boolean {
  if (acr === undefined || !acr.startsWith(federated)) return true;
  return acr === federatedContext(organisationId);
}
