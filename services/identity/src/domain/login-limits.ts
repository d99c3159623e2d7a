/** One bound on how often something may happen in a window of time. */
export interface Limit {
  /** What is counted. */
  name:
    | "mail_client"
    | "mail_client_day"
    | "mail_address"
    | "mail_address_day"
    | "mail_ip"
    | "try_ip"
    | "begin_ip"
    | "printed_ip"
    | "printed_all";
  windowMs: number;
  most: number;
}

const tenMinutesMs = 10 * 60_000;
const quarterHourMs = 15 * 60_000;
const dayMs = 24 * 60 * 60_000;

export interface LoginLimits {
  /** Of one client to one address, unless the code was used: who reads the mailbox may log in as often as they like. */
  mailClient: Limit;
  mailClientDay: Limit;
  mailAddress: Limit;
  mailAddressDay: Limit;
  mailIp: Limit;
  tryIp: Limit;
  beginIp: Limit;
  printedIp: Limit;
  /** Of the whole installation: whoever guesses from many addresses is bounded, too. */
  printedAll: Limit;
}

/**
 * A meeting room of people logs in from one address of the network; one mailbox needs few codes. What one client may have mailed to an
 * address is a third of what all may, so that nobody is locked out by one. In development one machine plays everybody: the bounds are
 * there, but wider, except of codes that nobody uses.
 */
export function loginLimits({ isDevelopment }: { isDevelopment: boolean }): LoginLimits {
  const wide = isDevelopment ? 10 : 1;
  const limit = (name: Limit["name"], windowMs: number, most: number): Limit => ({ name, windowMs, most: most * wide });
  return {
    mailClient: { name: "mail_client", windowMs: tenMinutesMs, most: 5 },
    mailClientDay: { name: "mail_client_day", windowMs: dayMs, most: 20 },
    mailAddress: limit("mail_address", quarterHourMs, 30),
    mailAddressDay: limit("mail_address_day", dayMs, 60),
    mailIp: limit("mail_ip", quarterHourMs, 120),
    tryIp: limit("try_ip", quarterHourMs, 240),
    beginIp: limit("begin_ip", quarterHourMs, 120),
    printedIp: limit("printed_ip", quarterHourMs, 30),
    printedAll: limit("printed_all", quarterHourMs, 3_000),
  };
}

/** The window that a moment falls in: its number, for the counter's key, and its end. */
export function windowAt(limit: Limit, now: Date): { number: number; endsAt: Date } {
  const number = Math.floor(now.getTime() / limit.windowMs);
  return { number, endsAt: new Date((number + 1) * limit.windowMs) };
}
