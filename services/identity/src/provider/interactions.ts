import { asFailure, failure } from "@partake/failure";
import { errors } from "oidc-provider";
import { domainOf, parseEmail } from "../domain/email-address.ts";
import { federatedContext } from "../domain/resources.ts";
import { readForm, redirect, sendJson, sendPage } from "./http.ts";
import { choicePage, codePage, confirmPage, emailPage } from "./login-pages.ts";
import { readLogInAnswer } from "./passkey-answers.ts";
import { printedCodeSteps } from "./printed-code-steps.ts";
import { finish, type Interaction, type InteractionsParts, loggedIn, type Step, targets, type Visit } from "./step.ts";

/** Answers a request under /login/<uid>. */
export async function interact(
  parts: InteractionsParts,
  visit: Visit,
  path: { uid: string; step: string },
): Promise<void> {
  const interaction = await findInteraction(visit);
  if (interaction.uid !== path.uid) throw failure("gone", "login_ended");
  const answer = steps[`${visit.request.method} ${path.step}`];
  if (answer === undefined) throw failure("not_found", "not_found");
  await answer({ ...visit, parts, interaction, uid: path.uid });
}

const steps: Readonly<Record<string, (step: Step) => Promise<void>>> = {
  "GET ": begin,
  "GET address": askForAddress,
  "POST email": takeEmail,
  "GET choice": showChoice,
  "GET code": showCode,
  "POST code": takeCode,
  "GET passkey": offerPasskey,
  "POST passkey": takePasskey,
  "GET outside": leaveForOutside,
  "GET arrived": returnFromOutside,
  "POST confirm": confirm,
  "POST cancel": cancel,
  ...printedCodeSteps,
};

async function findInteraction({ provider, request, response }: Visit): Promise<Interaction> {
  try {
    return await provider.interactionDetails(request, response);
  } catch (error) {
    throw error instanceof errors.SessionNotFound ? failure("gone", "login_ended", { cause: error }) : error;
  }
}

async function begin(step: Step): Promise<void> {
  const { interaction } = step;
  if (interaction.prompt.name === "consent") return await askToContinue(step);
  // Who comes with a printed code is asked for that first.
  if (interaction.params["start"] === "code") return redirect(step.response, `/login/${step.uid}/printed`);
  const hint = interaction.params["login_hint"];
  const email = typeof hint === "string" ? (parseEmail(hint) ?? "") : "";
  await askForEmail(step, { email });
}

async function askForAddress(step: Step): Promise<void> {
  await askForEmail(step, { email: "" });
}

/** The first page of logging in: by a code, with a passkey, or with the provider of the organisation that the client named. */
async function askForEmail(
  step: Step,
  of: { status?: number; email: string; problem?: string; passkeyProblem?: string },
): Promise<void> {
  const { parts, interaction, response, uid } = step;
  const { status = 200, email, problem, passkeyProblem } = of;
  const choices = await parts.outside.choicesFor(organisationHint(interaction), undefined);
  const offersPasskey = await parts.passkeyLogins.canBegin(passkeyLogin(step));
  const passkey = offersPasskey ? { problem: passkeyProblem } : undefined;
  const body = emailPage({ uid, email, problem, choices, passkey });
  sendPage(response, { status, body, formTargets: targets(step), offersPasskey });
}

async function askToContinue(step: Step): Promise<void> {
  const { parts, interaction, provider, response, uid } = step;
  const client = await provider.Client.find(String(interaction.params["client_id"]));
  const user = await parts.accounts.find(interaction.session?.accountId ?? "");
  if (client === undefined || user === undefined) throw failure("gone", "login_ended");
  if (client.applicationType !== "native") return await finish(step, { consent: {} });
  const body = confirmPage({ uid, clientName: client.clientName ?? client.clientId, person: user.email ?? user.name });
  sendPage(response, { body, formTargets: targets(step) });
}

async function takeEmail(step: Step): Promise<void> {
  const { parts, request, response, uid, ip } = step;
  const form = await readForm(request);
  const typed = (form.get("email") ?? "").slice(0, 300);
  const email = parseEmail(typed);
  if (email === undefined) {
    const problem = "This is not an e-mail address. An address looks like name@example.org.";
    return await askForEmail(step, { status: 400, email: typed, problem });
  }
  const choices = await parts.outside.choicesFor(undefined, domainOf(email));
  if (choices.length > 0 && form.get("with") !== "code") {
    await parts.codes.remember({ uid, email, ip });
    return redirect(response, `/login/${uid}/choice`);
  }
  await parts.codes.send({ uid, email, ip });
  redirect(response, `/login/${uid}/code`);
}

async function showChoice(step: Step): Promise<void> {
  const { parts, response, uid } = step;
  const attempt = await parts.codes.find(uid);
  if (attempt === undefined) return redirect(response, `/login/${uid}`);
  const choices = await parts.outside.choicesFor(undefined, domainOf(attempt.email));
  const body = choicePage({ uid, email: attempt.email, choices });
  sendPage(response, { body, formTargets: targets(step) });
}

async function showCode(step: Step): Promise<void> {
  const { parts, response, uid } = step;
  const attempt = await parts.codes.find(uid);
  if (attempt === undefined) return redirect(response, `/login/${uid}`);
  sendPage(response, { body: codePage({ uid, email: attempt.email }), formTargets: targets(step) });
}

async function takeCode(step: Step): Promise<void> {
  const { parts, request, response, uid, ip } = step;
  const form = await readForm(request);
  const under = await parts.codes.find(uid);
  if (under === undefined) return await codeEnded(step);
  const attempt = await parts.codes.redeem({ uid, code: form.get("code") ?? "", ip }).catch((error: unknown) => {
    if (asFailure(error).reason === "code_expired") return "ended" as const;
    throw error;
  });
  if (attempt === "ended") return await codeEnded(step);
  if (attempt === undefined) {
    parts.refusals.note({ email: under.email, cause: "code_wrong" });
    const problem = "This code is not right. Please look at the newest mail.";
    const body = codePage({ uid, email: under.email, problem });
    return sendPage(response, { status: 400, body, formTargets: targets(step) });
  }
  const user = await parts.accounts.logIn(attempt.email).catch((error: unknown) => {
    parts.refusals.note({ email: attempt.email, cause: asFailure(error).reason });
    throw error;
  });
  if (attempt.outside === undefined) return await finish(step, loggedIn(user._id, { amr: ["otp"] }));
  await parts.outside.link(attempt.outside, { userId: user._id, email: attempt.email });
  const acr = federatedContext(attempt.outside.organisationId);
  await finish(step, loggedIn(user._id, { amr: ["fed", "otp"], acr }));
}

async function codeEnded(step: Step): Promise<void> {
  const problem = "That code is no longer valid. Ask for a new one.";
  await askForEmail(step, { status: 410, email: "", problem });
}

async function offerPasskey(step: Step): Promise<void> {
  sendJson(step.response, await step.parts.passkeyLogins.begin(passkeyLogin(step)));
}

async function takePasskey(step: Step): Promise<void> {
  const { parts, request, ip } = step;
  const answer = readLogInAnswer(await readForm(request));
  const entered = await parts.passkeyLogins.finish({ ...passkeyLogin(step), answer, ip });
  if (entered !== undefined) return await finish(step, loggedIn(entered.user._id, { amr: entered.amr }));
  const passkeyProblem =
    "This passkey was not accepted. Please try again, or log in with a code: one that is mailed to you, or a printed one.";
  await askForEmail(step, { status: 400, email: "", passkeyProblem });
}

/** Whoever is logged in and proves anew who they are stays the same person: with a passkey nobody becomes another unseen. */
function passkeyLogin({ interaction, uid }: Step) {
  const isGone = interaction.prompt.reasons.includes("account_gone");
  return { uid, knownUserId: isGone ? undefined : interaction.session?.accountId };
}

async function leaveForOutside(step: Step): Promise<void> {
  const { parts, request, response, uid, ip } = step;
  await parts.count(parts.limits.beginIp, ip);
  const attempt = await parts.codes.find(uid);
  const organisationId = URL.parse(request.url ?? "", "http://unused")?.searchParams.get("organisation") ?? "";
  const { location, cookie } = await parts.outside.begin({ uid, organisationId, email: attempt?.email });
  response.appendHeader("set-cookie", cookie);
  redirect(response, location);
}

async function returnFromOutside(step: Step): Promise<void> {
  const { parts, response, uid, ip } = step;
  const arrival = await parts.outside.arrived(uid);
  switch (arrival.kind) {
    case "log_in": {
      const user = await parts.accounts.find(arrival.userId);
      if (user === undefined || !user.enabled) throw failure("forbidden", "account_disabled");
      const acr = federatedContext(arrival.organisationId);
      return await finish(step, loggedIn(user._id, { amr: ["fed"], acr }));
    }
    case "confirm": {
      const { email, organisationId, issuer, subject } = arrival;
      await parts.codes.send({ uid, email, ip, outside: { organisationId, issuer, subject } });
      return redirect(response, `/login/${uid}/code`);
    }
    default:
      return arrival satisfies never;
  }
}

async function confirm(step: Step): Promise<void> {
  await readForm(step.request);
  if (step.interaction.prompt.name !== "consent") throw failure("invalid", "nothing_to_confirm");
  await finish(step, { consent: {} });
}

async function cancel(step: Step): Promise<void> {
  await readForm(step.request);
  await finish(step, { error: "access_denied", error_description: "the person cancelled" });
}

function organisationHint(interaction: Interaction): string | undefined {
  const hint = interaction.params["organisation"];
  return typeof hint === "string" ? hint : undefined;
}
