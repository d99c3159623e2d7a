import { failure } from "@partake/failure";
import { readForm, redirect, sendJson, sendPage } from "./http.ts";
import { passkeySetUpPage, printedCodePage } from "./login-pages.ts";
import { readRegistrationAnswer } from "./passkey-answers.ts";
import { finish, loggedIn, type Step, targets } from "./step.ts";

/** The pages of logging in with a printed code: one takes it, the next one makes the passkey. */
export const printedCodeSteps: Readonly<Record<string, (step: Step) => Promise<void>>> = {
  "GET printed": showPrinted,
  "POST printed": takePrinted,
  "GET setup": showSetUp,
  "GET options": offerSetUp,
  "POST setup": takeSetUp,
};

const problems = {
  wrong: "This code is not valid. Look again at the paper; if it is right, ask whoever gave it to you for a new one.",
  hasAccount: "You have an account already. Log in to it as you always do, and enter the code there.",
};

async function showPrinted(step: Step): Promise<void> {
  sendPage(step.response, { body: printedCodePage({ uid: step.uid }), formTargets: targets(step) });
}

async function takePrinted(step: Step): Promise<void> {
  const { parts, request, response, uid, ip } = step;
  const typed = (await readForm(request)).get("code") ?? "";
  if (await parts.printedCodes.take({ uid, typed, ip })) return redirect(response, `/login/${uid}/setup`);
  refusePrinted(step, { status: 400, problem: problems.wrong });
}

function refusePrinted(step: Step, { status, problem }: { status: number; problem: string }): void {
  const body = printedCodePage({ uid: step.uid, problem });
  sendPage(step.response, { status, body, formTargets: targets(step) });
}

async function showSetUp(step: Step): Promise<void> {
  await askForSetUp(step, {});
}

/** Nothing but the organisation is named: what somebody is helped with is nobody's business who found a piece of paper. (ADR 4) */
async function askForSetUp(
  step: Step,
  { status = 200, problem }: { status?: number; problem?: string },
): Promise<void> {
  const { parts, response, uid } = step;
  const opening = await parts.printedCodes.opening(uid);
  if (opening === undefined) return redirect(response, `/login/${uid}/printed`);
  const { organisationName, purpose } = opening;
  const body = passkeySetUpPage({ uid, organisationName, isReturn: purpose === "return", problem });
  sendPage(response, { status, body, formTargets: targets(step), offersPasskey: true });
}

async function offerSetUp({ parts, response, uid }: Step): Promise<void> {
  const opening = await parts.printedCodes.opening(uid);
  if (opening === undefined) throw failure("gone", "login_ended");
  sendJson(response, await parts.printedCodes.options(uid, opening));
}

async function takeSetUp(step: Step): Promise<void> {
  const { parts, request, interaction, uid, ip } = step;
  const answer = readRegistrationAnswer(await readForm(request));
  const browserId = interaction.session?.uid;
  const redeemed = await parts.printedCodes.finish({ uid, answer, browserId, ip });
  switch (redeemed.kind) {
    case "in":
      return await finish(step, loggedIn(redeemed.userId, { amr: redeemed.amr }));
    case "passkey_refused":
      return await askForSetUp(step, { status: 400, problem: "The passkey was not accepted. Please try again." });
    case "ended":
      return refusePrinted(step, { status: 410, problem: problems.wrong });
    case "has_account":
      return refusePrinted(step, { status: 409, problem: problems.hasAccount });
    default:
      return redeemed satisfies never;
  }
}
