import { randomBytes } from "node:crypto";
import { CookieJar, newId } from "@partake/testing";
import { expect } from "vitest";
import type { Stage } from "./stage.ts";

/**
 * Somebody without an address is enrolled and given a code on paper, which is typed where people log in and accepted by somebody
 * who has an account. The code, in every form that it has.
 */
export async function codeOnPaper(staged: Stage): Promise<string[]> {
  const { organisation, project, ben, platform } = staged;
  const { contacts, identity } = organisation.admin.at(organisation.id);
  const contact = await contacts.createContact({
    ...{ id: newId("con"), projectId: project.id, kind: "client", name: "Nobody's Address" },
  });
  const participation = await contacts.enrolContact({
    ...{ id: newId("par"), projectId: project.id, boardId: project.boardId, contactId: contact.id },
    ...{ level: "see", inviteBy: "printed" },
  });
  expect(participation).toMatchObject({ state: "invited", invitedBy: "printed" });
  const { code } = await identity.printCode({ participationId: participation.id });
  expect(await typeCode(platform.origin, code)).toContain("data-passkey");
  const accepted = await ben.at("account").identity.acceptInvitation({ printedCode: code.toLowerCase() });
  expect(accepted).toMatchObject({ participationId: participation.id });
  const active = await contacts.getParticipation({ participationId: participation.id });
  expect(active.state).toBe("active");
  return [code, code.toLowerCase(), code.replaceAll("-", "")];
}

/** The page that the code leads to. */
async function typeCode(origin: string, code: string): Promise<string> {
  const cookies = new CookieJar();
  const visit = async (url: string, init: RequestInit = {}): Promise<{ url: string; page: string }> => {
    const answer = await fetch(url, {
      ...init,
      headers: { ...init.headers, cookie: cookies.header() },
      redirect: "manual",
    });
    cookies.take(answer);
    const page = await answer.text();
    const location = answer.headers.get("location");
    return location === null ? { url, page } : visit(new URL(location, url).href);
  };
  const query = new URLSearchParams({
    ...{
      client_id: "partake-cli",
      response_type: "code",
      redirect_uri: "http://127.0.0.1:7999/callback",
      scope: "openid",
    },
    ...{ code_challenge: randomBytes(32).toString("base64url"), code_challenge_method: "S256" },
  });
  const start = await visit(`${origin}/oidc/auth?${query}`);
  const body = new URLSearchParams({ code }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return (await visit(`${start.url}/printed`, { method: "POST", body, headers })).page;
}
