import type { GatewayWorld, Told } from "./gateway-world.ts";

/** The cookies that an answer sets, as a browser sends them back; a dropped one is left out. */
export function cookiesOf(told: Told): string {
  const set = told.headers.getSetCookie().filter((cookie) => !cookie.includes("Max-Age=0"));
  return set.map((cookie) => cookie.split(";")[0]).join("; ");
}

export interface LogInOptions {
  query?: string;
  cookie?: string;
}

/** Logs in whom the played provider lets in, as a browser does. */
export async function logInAt(
  world: GatewayWorld,
  options: LogInOptions = {},
): Promise<{ cookie: string; callback: Told }> {
  const begun = await world.ask("GET", `/auth/login${options.query ?? ""}`, {
    headers: { cookie: options.cookie ?? "" },
  });
  const query = world.provider.authorize(begun.headers.get("location") ?? "");
  const cookie = [options.cookie, cookiesOf(begun)].filter(Boolean).join("; ");
  const callback = await world.ask("GET", `/auth/callback?${query}`, { headers: { cookie } });
  return { cookie: cookiesOf(callback), callback };
}
