/** The link of an invitation. Its secret stands behind the hash, which browsers never send: no log of a server holds it. */
export function invitationLink(origin: string, secret: string): string {
  return `${origin}/invitations#${secret}`;
}

const requestMs = 15_000;

/** When the worker takes up a mail that a request is about to hand over: after the request must have ended, however it did. */
export function takenUpAt(now: Date): Date {
  return new Date(now.getTime() + requestMs);
}
