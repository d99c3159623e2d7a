// docs/roles.md as data, word for word: from nothing else are the matrix's expectations derived. A test holds it to the page.

export interface Table {
  columns: readonly string[];
  rows: Readonly<Record<string, readonly string[]>>;
}

// biome-ignore format: a row of the page is a line.
export const tables = {
  "Two presets": {
    columns: ["charity", "civic"],
    rows: {
      "project managers give and take roles in their project": ["yes", "no, only admins"],
      "project creators create projects": ["yes", "no: only admins, and folder managers in their folder"],
      "who may create contacts": ["admin, project creator, project manager, reporter", "admin, project manager"],
      "redacted access": ["off", "off"],
      "visitors see published public projects": ["no", "yes"],
    },
  },
  "Three generic levels": {
    columns: ["organisation role", "project role"],
    rows: {
      "editor": ["admin", "manager"],
      "reporter": ["project creator", "reporter"],
      "observer": ["member", "observer"],
    },
  },
  "Organisation matrix": {
    columns: ["create projects", "create contacts", "organisation preferences", "organisation roles of users", "project roles of users"],
    rows: {
      "organisation admin": ["yes", "(switch)", "yes", "yes", "yes"],
      "project creator": ["yes (switch)", "(switch)", "no", "no", "no"],
      "organisation member": ["no", "(switch)", "no", "no", "no"],
      "project manager": ["no", "(switch)", "no", "no", "own projects (switch)"],
      "project reporter": ["no", "(switch)", "no", "no", "no"],
      "project observer": ["no", "(switch)", "no", "no", "no"],
    },
  },
  "Projects and folders": {
    columns: ["visitor", "registered user", "contributor", "project manager", "folder manager", "admin"],
    rows: {
      "see published public projects": ["(switch)", "yes", "yes", "yes", "yes", "yes"],
      "see drafts": ["no", "no", "no", "own", "own folder", "yes"],
      "take part in a phase": ["as the phase permits", "as the phase permits", "as the phase permits", "yes", "yes", "yes"],
      "follow a project": ["no", "yes", "yes", "yes", "yes", "yes"],
      "create a project": ["no", "no", "no", "no", "in own folder", "yes"],
      "delete a project": ["no", "no", "no", "no: sets it to draft or asks an admin", "no: same", "yes"],
      "set a project to draft": ["no", "no", "no", "own", "own folder", "yes"],
      "edit project: title, description, phases, access rights": ["no", "no", "no", "own", "own folder", "yes"],
      "edit a folder": ["no", "no", "no", "no", "own", "yes"],
      "give and take project roles": ["no", "no", "no", "own (switch)", "own folder (switch)", "yes"],
      "give and take the folder manager role": ["no", "no", "no", "no", "no", "yes"],
      "take the derived manager right from a folder manager for one project, give it back": ["no", "no", "no", "no", "no", "yes"],
      "official reply to an input, set its status": ["no", "no", "no", "own", "own folder", "yes"],
      "participants tab, traffic tab, reports": ["no", "no", "no", "own", "own folder", "yes"],
      "personal data (name, e-mail, registration answers, participation) of the project's people": ["no", "own", "own", "own", "own folder", "yes"],
      "voting export": ["no", "no", "no", "demographics only", "demographics only", "demographics only"],
      "e-mail all people of a project, and only all of them": ["no", "no", "no", "own", "own folder", "yes"],
      "e-mail a smart group, or anyone else": ["no", "no", "no", "no", "no", "yes"],
      "add and edit events, export attendees": ["no", "no", "no", "own", "own folder", "yes"],
      "sign up for an event": ["as the event permits", "yes", "yes", "yes", "yes", "yes"],
      "users list with activity, smart groups, branding, home page, organisation dashboards, global input manager, appointing folder managers": ["no", "no", "no", "no", "no", "yes"],
    },
  },
  "Things inside a project": {
    columns: ["may", "may not"],
    rows: {
      "board admin": ["edit the board and its cards, add and remove its members and its contacts", "change the project"],
      "board member": ["see the board, answer cards on behalf of contacts they may update", "edit the board"],
      "album manager": ["edit the album, its items and its members", "change the project"],
      "album member": ["see the album, add own items, remove own items", "remove others' items"],
      "event manager": ["edit the event, its workers, its sign-ups, export attendees", "change the project"],
      "event worker": ["see the sign-ups of that event by name, mark attendance", "see other personal data, export"],
    },
  },
  "A colleague and a contact": {
    columns: ["name", "photo, kind, projects that the reader may see", "custom fields", "timeline", "write to the timeline"],
    rows: {
      "post updates": ["yes", "yes", "yes", "yes", "yes"],
      "profile only": ["yes", "yes", "yes", "no", "no"],
      "headline only": ["yes", "yes", "no", "no", "no"],
      "none": ["404", "", "", "", ""],
    },
  },
  "A participant": {
    columns: ["see", "share", "discuss"],
    rows: {
      "own charts, own newsfeed, own dashboard, own timeline": ["yes", "yes", "yes"],
      "answer question cards, post progress, upload files, create tips": ["no", "yes", "yes"],
      "see staff comments on own posts and reply; be notified": ["no", "no", "yes"],
      "like and comment on own progress; like and discuss tips": ["no", "no", "yes"],
      "case notes and staff timeline posts, about anyone, themselves included": ["never", "never", "never"],
    },
  },
  "Other systems and operators": {
    columns: ["may"],
    rows: {
      "service account": ["created by admins, on the organisation or on named projects; never more than its creator holds now; never billing or roles; redacted data only with a direct manager's consent"],
      "billing operator (platform)": ["confirm orders, correct ledgers, see organisations' names and counts; no personal data, no content"],
      "platform operator": ["create, suspend, export and close organisations, invite their first admin; no personal data, no content"],
    },
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof tables;

/** The sentences of the page that are rules, too. */
export const sentences = [
  "A role on a scope reaches what lies inside it only where a table says so.",
  "A *colleague* is a user with an organisation, folder or project role.",
  "A reporter adds: contacts' updates, posts, answers on behalf of a contact, comments, files, attendance. A project reporter is board member, album member and event worker on everything in the project.",
  "An observer reads. It adds nothing, not even a comment.",
  "The whole team sees the project in every status, its posts (a contact's only up to the reader's level for that contact) and its aggregates; reports, exports and e-mail are the manager's.",
  "A member or creator without a role in a project sees of it what a registered user sees.",
  "A contact is created in a project by a project role (its own project only), or without a project by an organisation role; whoever creates one gets *post updates* on it.",
  "only holders of a direct manager grant give roles in that project, whatever the preset; admins may take roles away (a leaver must go), and the last direct manager names a successor first.",
  "Rights of admins, derived folder rights and service accounts reach none of the personal data, recipients or group members of its projects. Enrolling an existing contact needs a level on it.",
  "Project creators: as the switch says, anywhere outside folders; inside a folder only its managers and admins create. Folders do not nest; a project is in at most one. Moving one needs rights at both ends.",
  "Managers of the project hold board admin, album manager and event manager on everything in it.",
  "The level comes from, in order: a direct grant on that contact for that colleague (it may also lower; set by admins and by managers of a project the contact is in); the organisation's preference for the colleague's roles in the projects the contact is in, the highest (default manager and reporter: post updates, observer: profile only); else none. Organisation admins: post updates, but for redacted projects.",
  "The level is a ceiling: a timeline entry that belongs to a project is seen only by that project's team (and admins), whatever the level. Nobody reads staff notes about the contact linked to their own account.",
  '"None" answers exactly as if the contact did not exist.',
  "A sees B's posts, answers, tips, comments, likes and rank only if both participations are active in the same project with peer review on; A comments and likes only with *discuss*. Off: of other participants nothing exists, in lists, counts, ids or errors; tips are then those of staff and one's own.",
  "A participation that is paused (no credit) or ended leaves only reading and exporting what the person themselves wrote.",
] as const;
