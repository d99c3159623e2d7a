import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inert } from "../src/domain/inert-text.ts";
import { composeMail, messageId } from "../src/domain/mail.ts";
import { mailValues, TEMPLATES } from "../src/domain/mail-values.ts";

const origin = "https://partake.example.org";
const link = `${origin}/invitations#sEcReT-token_43`;
const compose = (template: (typeof TEMPLATES)[number], given: Record<string, string>, language = "en") =>
  composeMail({ template, language, values: mailValues(template, given, origin) });

describe("[E9] mail texts", () => {
  test("a log-in code stands in both forms, and not in the subject that a locked phone shows", () => {
    const { subject, text, html } = compose("login_code", { code: "042917" });
    expect(text).toMatch(/\b042917\b/);
    expect(html).toContain("042917");
    expect(subject).not.toContain("042917");
  });

  test.each(["colleague_invitation", "participant_invitation"] as const)(
    "%s has its link and organisation",
    (template) => {
      const { subject, text, html } = compose(template, { link, organisation: "Harbour & Hope" });
      expect(text).toContain(link);
      expect(text).toContain("Harbour & Hope");
      expect(subject).toContain("Harbour & Hope");
      expect(html).toContain(`href="${link}"`);
      expect(html).toContain("Harbour &amp; Hope");
    },
  );

  test.each(["colleague_invitation", "participant_invitation"] as const)("%s does without a name", (template) => {
    const { subject, text } = compose(template, { link });
    expect(subject).toMatch(/invit/);
    expect(text).not.toMatch(/undefined|^ has/m);
  });

  test("[C5] [G5] a notice of a comment says that there is one and nothing else", () => {
    const bare = compose("comment_notice", { link });
    const marked = compose("comment_notice", { link, text: "marked-comment", organisation: "marked-name" });
    expect(marked).toEqual(bare);
  });

  test.each(["en", "en-GB", "cy", "", "constructor", "__proto__"])("speaks English to who asks for %j", (language) => {
    expect(compose("login_code", { code: "123456" }, language)).toEqual(compose("login_code", { code: "123456" }));
  });

  test("loads nothing and runs nothing", () => {
    for (const template of TEMPLATES) {
      const { html } = compose(template, { code: "123456", link });
      expect(html).not.toMatch(/<(img|script|link|iframe|style|form)|url\(|src=|on\w+=/i);
    }
  });
});

describe("[E9] what people wrote is inert in a mail", () => {
  const names: [name: string, shown: RegExp, hidden: RegExp][] = [
    ["<script>alert(1)</script>", /&lt;script&gt;/, /<script/],
    ['"><a href="x">', /&quot;&gt;&lt;a/, /"><a/],
    ["Name\r\nBcc: all@example.org", /Name Bcc/, /\r|\nBcc/],
    ["Name\u2028Subject\u0000", /Name Subject/, /\u2028|\p{Cc}Subject|Subject\p{Cc}/u],
    ["pay at www.evil.example now", /www/, /www\.evil\.example/],
    ["https://evil.example/x", /https/, /https:\/\/evil/],
    ["write to a@evil.example", /evil/, /a@evil/],
    ["\u202etxt.exe", /exe/, /\u202e/],
  ];
  test.each(names)("%j", (organisation, shown, hidden) => {
    const { subject, text, html } = compose("participant_invitation", { link, organisation });
    expect(html).toMatch(shown);
    expect(html).not.toMatch(hidden);
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text.split("\n").some((line) => line.startsWith("Bcc"))).toBe(false);
  });

  test("a name keeps its letters and a bounded length", () => {
    expect(inert("Stiftung „Größer“ & Söhne")).toBe("Stiftung „Größer“ & Söhne");
    expect([...inert("x".repeat(5_000))]).toHaveLength(120);
  });
});

describe("[E9] the values of a template", () => {
  const refused: [(typeof TEMPLATES)[number], Record<string, string>, pointer: string][] = [
    ["login_code", {}, "/values/code"],
    ["login_code", { code: "12345" }, "/values/code"],
    ["login_code", { code: "123456789" }, "/values/code"],
    ["login_code", { code: "12<b>45" }, "/values/code"],
    ["participant_invitation", {}, "/values/link"],
    ["participant_invitation", { link: "https://evil.example/invitations" }, "/values/link"],
    ["participant_invitation", { link: "https://partake.example.org.evil.example/" }, "/values/link"],
    ["participant_invitation", { link: "https://partake.example.org@evil.example/" }, "/values/link"],
    ["participant_invitation", { link: "https://user:pass@partake.example.org/" }, "/values/link"],
    ["colleague_invitation", { link: "javascript:alert(1)" }, "/values/link"],
    ["colleague_invitation", { link: "http://partake.example.org/x" }, "/values/link"],
    ["comment_notice", { link: 'https://partake.example.org/"><b>' }, "/values/link"],
    ["comment_notice", { link: "/posts/1" }, "/values/link"],
  ];
  test.each(refused)("%s refuses %j", (template, given, pointer) => {
    const expected = expect.objectContaining({
      code: "invalid",
      reason: "wrong_value",
      errors: [expect.objectContaining({ pointer })],
    });
    expect(() => mailValues(template, given, origin)).toThrow(expected);
  });
});

test("[E9] a mail has one Message-ID, whatever attempt it is", () => {
  expect(messageId("eml_1", "Partake <no-reply@partake.example.org>")).toBe("<eml_1@partake.example.org>");
  expect(messageId("eml_1", "no-reply@localhost")).toBe("<eml_1@localhost>");
  expect(messageId("eml_1", "nobody")).toBe("<eml_1@localhost>");
});

test("[E9] the page of the service names each template", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
  expect(TEMPLATES.filter((template) => !page.includes(`\`${template}\``))).toEqual([]);
});
