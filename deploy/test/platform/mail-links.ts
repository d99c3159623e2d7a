import type { Services } from "@partake/contract";
import { type Browsed, browseTo, type Mail, mailsTo, newId, readMail, type Visitor, visit } from "@partake/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { accept } from "../../tour/steps/organisation.ts";
import { type Stage, stage } from "./stage.ts";

type Template = Services["Messaging"]["sendMail"]["request"]["template"];
/** Those of passkeys take an authenticator: what they link to is proven where passkeys are. */
type SentHere = Exclude<Template, "passkey_added" | "passkey_removed">;
type Person = "staff" | "participant";

/** Each mail that there is: to whom, what it is called, and the address that its link has. A mail with a code has none. */
const mails: Record<SentHere, { to: Person; subject: RegExp; link?: RegExp }> = {
  login_code: { to: "staff", subject: /log-in code/ },
  email_change_code: { to: "staff", subject: /Confirm your new address/ },
  colleague_invitation: { to: "staff", subject: /work together/, link: /\/invitations#[\w-]{43}$/ },
  participant_invitation: { to: "participant", subject: /invites you$/, link: /\/invitations#[\w-]{43}$/ },
  comment_notice: {
    to: "participant",
    subject: /something new/,
    link: /\/posts\/pst_[\w-]+\?organisation=org_[\w-]+$/,
  },
  deletion_requested: {
    to: "staff",
    subject: /asked to delete a project/,
    link: /\/deletion-requests\/drq_[\w-]+\?organisation=org_[\w-]+$/,
  },
  redaction_ending: { to: "staff", subject: /Redacted access/, link: /\/$/ },
  email_changed: { to: "staff", subject: /address was changed/, link: /\/login\/undo-email\?change=\S+&key=\S+$/ },
};
/** Pages that show a record: who is not logged in goes there first. */
const asReader = new Set<Template>(["comment_notice", "deletion_requested"]);
const isAboutDeletion = ({ subject }: Mail) => mails.deletion_requested.subject.test(subject);
const linked = Object.entries(mails).filter(([, { link }]) => link !== undefined) as [SentHere, { link: RegExp }][];

describe("[E8 R21 R23] where the links of mails lead", () => {
  let staged: Stage;
  let received: Record<Person, Mail[]>;
  let manager: Visitor;

  beforeAll(async () => {
    staged = await stage({ talking: true });
    const { organisation, marks, platform, run } = staged;
    const { identity } = organisation.admin.at(organisation.id);
    manager = await managerOf(staged);
    const reason = "The hall burned down <3.";
    const asked = { id: newId("drq"), projectId: staged.project.id, reason };
    await manager.at(organisation.id).projects.createDeletionRequest(asked);
    await until(async () => (await mailsTo(platform.mailboxUrl, organisation.admin.email)).some(isAboutDeletion));
    await identity.switchRedactedAccessOn({});
    await identity.switchRedactedAccessOff({});
    await changeEmail(staged, `asha.anew.${run}@riverside.example`);
    const read = async (to: string) => mailsTo(platform.mailboxUrl, to);
    const staffMails = async () => [
      ...(await read(organisation.admin.email)),
      ...(await read(`asha.anew.${run}@riverside.example`)),
    ];
    const all = async () => ({ staff: await staffMails(), participant: await read(marks.email) });
    const isThere = (found: typeof received) =>
      Object.values(mails).every(({ to, subject }) => found[to].some((mail) => subject.test(mail.subject)));
    await until(async () => isThere(await all()));
    received = await all();
  }, 180_000);

  function linkOf(template: SentHere): string {
    const { to, subject } = mails[template];
    const { text = "" } = received[to].find((mail) => subject.test(mail.subject)) ?? {};
    return /https?:\/\/\S+/.exec(text)?.[0] ?? "";
  }

  test.each(linked)("%s: to a page of this platform", async (template, { link }) => {
    const address = linkOf(template);
    expect(address).toMatch(link);
    expect(address.startsWith(staged.platform.origin)).toBe(true);
    const answer = await fetch(address, { redirect: "manual", headers: { accept: "text/html" } });
    expect([template, answer.status]).toEqual([template, asReader.has(template) ? 303 : 200]);
    if (answer.status === 200) expect(answer.headers.get("content-type")).toContain("text/html");
  });

  test("a mail with a code has no link", () => {
    for (const template of ["login_code", "email_change_code"] as const) expect(linkOf(template)).toBe("");
  });

  test("[G5] a participant comes from the mail through the log-in to what was said, and answers there", async () => {
    const { platform, marks } = staged;
    const { mailboxUrl, origin } = platform;
    const address = linkOf("comment_notice");
    const browser = await browseTo({ origin, mailboxUrl, email: marks.email }, address);
    expect(browser.url).toBe(address);
    for (const part of [marks.narrative, marks.comment, ">3<", "Days active", "river.png", 'id="answer"'])
      expect(browser.page).toContain(part);
    expect(browser.page).not.toContain(marks.caseNote);
    const text = `On my way </p><script>alert(${staged.run.length})</script>`;
    expect(await answerIn(browser, text)).toBe(201);
    const again = await open(browser, address);
    expect(again).toContain("On my way &lt;/p&gt;&lt;script&gt;");
    expect(again).not.toContain("<script>");
    const [file = ""] = /\/v1\/files\/[^"]+/.exec(again) ?? [];
    const download = await fetch(`${origin}${file}`, { headers: { cookie: browser.cookie } });
    expect([download.status, download.headers.get("content-type")]).toEqual([200, "image/png"]);
  });

  test("[R17] an admin comes from the mail to what is asked, and declines there; who asked is told", async () => {
    const { platform, organisation, run } = staged;
    const { mailboxUrl, origin } = platform;
    const address = linkOf("deletion_requested");
    const browser = await browseTo({ origin, mailboxUrl, email: `asha.anew.${run}@riverside.example` }, address);
    expect(browser.url).toBe(address);
    for (const part of ["Back on my feet", "The hall burned down &lt;3.", 'value="delete"', 'value="decline"'])
      expect(browser.page).toContain(part);
    const [, request = ""] = /data-request="([^"]+)"/.exec(browser.page) ?? [];
    const declined = { path: `/v1/deletion-requests/${request}:decline`, organisation: organisation.id };
    expect(await post(browser, { ...declined, body: { answer: "We rebuild it." } })).toBe(200);
    expect(await open(browser, address)).toContain("We rebuild it.");
    const { messaging } = manager.at(organisation.id);
    await until(async () => {
      const { items } = await messaging.listMyNotifications({});
      return items.some(({ kind, deletionRequestId }) => kind === "deletion_declined" && deletionRequestId === request);
    });
  });

  test("a link from before it named the organisation leads there, too; to others there is nothing", async () => {
    const { platform, marks, organisation, run } = staged;
    const { mailboxUrl, origin } = platform;
    const address = linkOf("comment_notice");
    const old = address.slice(0, address.indexOf("?"));
    const found = await browseTo({ origin, mailboxUrl, email: marks.email }, old);
    expect([found.url, found.page.includes(marks.comment)]).toEqual([address, true]);
    const email = `stranger.${run}@mail.example`;
    for (const start of [old, address]) {
      const stranger = browseTo({ origin, mailboxUrl, email }, start);
      await expect(stranger).rejects.toThrow(/answered 404/);
    }
    expect(organisation.id).toMatch(/^org_/);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("Not every mail has come.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function changeEmail({ organisation, platform }: Stage, email: string): Promise<void> {
  const { identity } = organisation.admin.at("account");
  const { id: emailChangeId } = await identity.changeEmail({ id: newId("emc"), email });
  const code = await readMail({ mailboxUrl: platform.mailboxUrl, to: email, pattern: /\b(\d{6,8})\b/ });
  await identity.confirmEmailChange({ emailChangeId, code });
}

/** What the page's script sends. */
async function answerIn({ page, cookie, url }: Browsed, text: string): Promise<number> {
  const [, postId = "", organisation = ""] = /data-post="([^"]+)" data-organisation="([^"]+)"/.exec(page) ?? [];
  return post({ cookie, url }, { path: `/v1/posts/${postId}/comments`, organisation, body: { text } });
}

/** As a script of a page sends it. */
async function post(
  { cookie, url }: Pick<Browsed, "cookie" | "url">,
  { path, organisation, body }: { path: string; organisation: string; body: object },
): Promise<number> {
  const headers = {
    ...{ cookie, "content-type": "application/json", "idempotency-key": newId("key") },
    ...{ "partake-csrf": "1", "partake-organisation": organisation },
  };
  return (await fetch(new URL(path, url), { method: "POST", headers, body: JSON.stringify(body) })).status;
}

async function managerOf({ organisation, project, platform, tour, run }: Stage): Promise<Visitor> {
  const email = `lea.${run}@riverside.example`;
  const { identity } = organisation.admin.at(organisation.id);
  await identity.inviteColleague({ id: newId("inv"), email, role: "manager", scope: project.id });
  const visitor = await visit({ ...platform, email });
  await accept(tour, visitor);
  return visitor;
}

async function open({ cookie }: Browsed, address: string): Promise<string> {
  return (await fetch(address, { headers: { cookie, accept: "text/html" } })).text();
}
