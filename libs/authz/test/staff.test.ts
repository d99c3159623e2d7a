import { describe, expect, it } from "vitest";
import { may } from "../src/decide.ts";
import type { Switches } from "../src/facts.ts";
import { presets } from "../src/policy.ts";
import { kinds, type Line, linesOf, person, records } from "./people.ts";

// Transcribed from roles.md by hand. Nothing here is read from the policy.

function check(lines: readonly Line[], switches: Partial<Switches>): void {
  it.each(lines)("$permission on $record: $allowed", ({ permission, record, kinds: asked, allowed }) => {
    const permitted = asked.filter((kind) => may(person(kinds[kind] ?? [], switches), permission, records[record]));
    expect(permitted).toEqual(allowed);
  });
}

describe("[R13] the organisation matrix, charity", () => {
  check(
    linesOf(`
permission        admin creator member manager reporter observer folder nobody participant
project.create    organisation yes yes - - - - - - -
organisation.edit organisation yes - - - - - - - -
role.give         organisation yes - - - - - - - -
role.take         organisation yes - - - - - - - -
role.give         draft        yes - - yes - - yes - -
role.take         draft        yes - - yes - - yes - -
contact.create    organisation yes yes - - - - - - -
contact.create    draft        - - - yes yes - yes - -
contact.create    loose        - - - - - - - - -
colleague.list    organisation yes - - - - - - - -
audit.read        organisation yes - - - - - - - -
billing.read      organisation yes - - - - - - - -
billing.order     organisation yes - - - - - - - -
organisation.read organisation yes yes yes yes yes yes yes - -
contact_field.read organisation yes yes yes yes yes yes yes - -
users.read        organisation yes - - - - - - - -
smart_group.edit  organisation yes - - - - - - - -
branding.edit     organisation yes - - - - - - - -
dashboard.read    organisation yes - - - - - - - -
input.manage_all  organisation yes - - - - - - - -
service_account.create organisation yes - - - - - - - -
order.confirm     organisation - - - - - - - - -
organisation.create organisation - - - - - - - - -
`),
    presets.charity,
  );
});

describe("[R15] the civic preset", () => {
  check(
    linesOf(`
permission     admin creator member manager reporter observer folder
project.create organisation yes - - - - - -
project.create folder       yes - - - - - yes
role.give      draft        yes - - - - - -
role.take      draft        yes - - - - - -
role.give      board        yes - - yes - - yes
contact.create organisation yes - - - - - -
contact.create draft        - - - yes - - yes
`),
    presets.civic,
  );
});

describe("[R14] who may create contacts is a preference per role", () => {
  const table = linesOf(`
permission     admin creator member manager reporter observer
contact.create organisation - - yes - - -
contact.create draft        - - - - - yes
`);
  check(table, { contactCreators: ["member", "observer"] });
  check(
    table.map((line) => ({ ...line, allowed: [] })),
    { contactCreators: [] },
  );
});

describe("[R3] [P1] [P2] [P6] [R17] projects and folders", () => {
  check(
    linesOf(`
permission      nobody member creator observer reporter manager other folder admin
project.read    draft  - - - yes yes yes - yes yes
project.read    public yes yes yes yes yes yes yes yes yes
project.read    loose  - - - - - - - - yes
project.read    groups - - - - - - - - yes
project.read    publicNote - - - - - - - - yes
project.read    deleted - - - - - - - - -
project.edit    deleted - - - - - - - - -
project.follow  deleted - - - - - - - - -
project.delete  deleted - - - - - - - - yes
role.give       deleted - - - - - - - - -
role.take       deleted - - - - - - - - yes
project.place   draft  - - - - - - - yes yes
project.place   loose  - - - - - - - - yes
folder.delete   folder - - - - - - - - yes
board.create    deleted - - - - - - - - -
participation.create deleted - - - - - - - - -
people.read     deleted - - - - - - - - -
project.edit    draft  - - - - - yes - yes yes
project.edit    public - - - - - - - - yes
project.delete  draft  - - - - - - - - yes
project.move    draft  - - - - - - - yes yes
project.create  folder - - - - - - - yes yes
project.create  otherFolder - - - - - - - - yes
folder.create   organisation - - - - - - - - yes
folder.read     folder - - - yes yes yes - yes yes
folder.read     otherFolder yes yes yes yes yes yes yes yes yes
folder.edit     folder - - - - - - - yes yes
folder.edit     otherFolder - - - - - - - - yes
role.give       folder - - - - - - - - yes
role.take       folder - - - - - - - - yes
folder_right.withhold draft - - - - - - - - yes
project.follow  public yes yes yes yes yes yes yes yes yes
project.follow  draft  - - - yes yes yes - yes yes
phase.take_part draft  - - - yes yes yes - yes yes
input.reply     draft  - - - - - yes - yes yes
insight.read    draft  - - - - - yes - yes yes
aggregate.read  draft  - - - yes yes yes - yes yes
people.read     draft  - - - - - yes - yes yes
voting.export   draft  - - - - - yes - yes yes
data.export     draft  - - - - - yes - yes yes
message.send_all draft - - - - - yes - yes yes
message.send_group organisation - - - - - - - - yes
event.create    draft  - - - - - yes - yes yes
board.create    draft  - - - - - yes - yes yes
album.create    draft  - - - - - yes - yes yes
progress_setup.read draft - - - yes yes yes - yes yes
`),
    presets.charity,
  );
});

describe("[R4] [R5] [R6] things inside a project", () => {
  check(
    linesOf(`
permission         boardAdmin boardMember albumManager albumMember eventManager eventWorker observer reporter manager
board.read         board      yes yes - - - - yes yes yes
board.read         otherBoard - - - - - - yes yes yes
board.edit         board      yes - - - - - - - yes
board.edit         otherBoard - - - - - - - - yes
role.give          board      yes - - - - - - - yes
role.give          otherBoard - - - - - - - - yes
role.give          draft      - - - - - - - - yes
role.give          album      - - yes - - - - - yes
role.give          event      - - - - yes - - - yes
project.edit       draft      - - - - - - - - yes
project.read       draft      - - - - - - yes yes yes
participation.create board    yes - - - - - - - yes
participation.end  participation yes - - - - - - - yes
participation.edit participation - - - - - - - - yes
participation.read participation yes yes - - - - yes yes yes
progress_setup.read draft     yes yes - - - - yes yes yes
post.create        participation yes yes - - - - - yes yes
post.read          post       - - - - - - - yes yes
album.read         album      - - yes yes - - yes yes yes
album.edit         album      - - yes - - - - - yes
album_item.create  album      - - yes yes - - - yes yes
album_item.delete  ownItem    - - yes yes - - - yes yes
album_item.delete  othersItem - - yes - - - - - yes
event.read         event      - - - - yes yes yes yes yes
event.edit         event      - - - - yes - - - yes
event.edit         otherEvent - - - - - - - - yes
sign_up.read       event      - - - - yes yes - yes yes
sign_up.read       otherEvent - - - - - - - yes yes
sign_up.mark       event      - - - - yes yes - yes yes
sign_up.edit       event      - - - - yes - - - yes
sign_up.export     event      - - - - yes - - - yes
`),
    presets.charity,
  );
});

describe("[R2] [R7] contacts and what is logged about them", () => {
  check(
    linesOf(`
permission         nobody participant member creator observer reporter manager other folder admin
contact.read       contact       - - - - yes yes yes - yes yes
contact.read       strayContact  - - - - - - - - - yes
contact.read       otherContact  - - - - - - - yes - yes
contact.edit       contact       - - - - - - yes - yes yes
contact.delete     contact       - - - - - - yes - yes yes
contact.delete     sharedContact - - - - - - - - - yes
contact.delete     strayContact  - - - - - - - - - yes
role.give          contact       - - - - - - yes - yes yes
timeline.read      contact       - - - - - yes yes - yes yes
timeline.read      note          - - - - - yes yes - yes yes
timeline.read      looseNote     - - - - - yes yes - yes yes
note.create        contact       - - - - - yes yes - yes yes
note.create        note          - - - - - yes yes - yes yes
participation.create draft       - - - - - - yes - yes yes
participation.read draft         - - - - yes yes yes - yes yes
participation.read participation - - - - yes yes yes - yes yes
participation.edit participation - - - - - - yes - yes yes
participation.read_own participation - - - - - - - - - -
board.read_own     participation - - - - - - - - - -
post.create        participation - - - - - yes yes - yes yes
post.read          post          - - - - - yes yes - yes yes
post.comment       post          - - - - - yes yes - yes yes
comment.read       post          - - - - - yes yes - yes yes
`),
    presets.charity,
  );
});

describe("[R12] redacted access", () => {
  check(
    linesOf(`
permission         folder admin manager reporter
project.read       draft  yes yes yes yes
project.edit       draft  yes yes yes -
aggregate.read     draft  yes yes yes yes
people.read        draft  - - yes -
data.export        draft  - - yes -
message.send_all   draft  - - yes -
contact.read       contact - - yes yes
contact.read       strayContact - yes - -
contact.edit       contact - - yes -
contact.delete     contact - - yes -
contact.create     draft  - - yes yes
participation.create draft - - yes -
participation.read draft  - - yes yes
participation.read participation - - yes yes
post.read          post   - - yes yes
comment.read       post   - - yes yes
timeline.read      note   - - yes yes
timeline.read      looseNote - - yes yes
note.create        contact - - yes yes
sign_up.read       event  - - yes yes
role.give          draft  - - yes -
role.give          board  - - yes -
role.give          contact - - yes -
role.give          folder - yes - -
role.take          draft  - yes yes -
role.take          contact - yes yes -
`),
    { ...presets.civic, redactedAccess: true, contactCreators: presets.charity.contactCreators },
  );
  check(
    linesOf(`
permission         boardAdmin albumManager eventManager folder manager
role.give          board - - - - yes
role.give          album - - - - yes
role.give          event - - - - yes
role.take          board - - - - yes
`),
    { ...presets.charity, redactedAccess: true },
  );
});
