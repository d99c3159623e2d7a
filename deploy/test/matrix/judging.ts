import type { Cell } from "./cells.ts";
import type { Ids } from "./expectations/targets.ts";
import { idsOf, missingIds } from "./ids.ts";
import { type Answer, send } from "./sending.ts";
import type { Organisation, World } from "./world.ts";

/** Asks what a cell asks and says what is wrong with the answer; nothing, if it is right. */
export function judge(world: World, { isWhole }: { isWhole: boolean }): (cell: Cell) => Promise<string | undefined> {
  const { organisations, platform } = world;
  const lists = new Map<string, Promise<Answer>>();
  const nothing = new Map<string, Promise<Answer>>();

  const foreignTo = (own: Organisation): Organisation => {
    const found = organisations[(organisations.indexOf(own) + 1) % organisations.length];
    if (!found) throw new Error("one organisation has no other");
    return found;
  };

  /** The same request is sent once for all cells that ask for something else in its answer. */
  const once = (known: Map<string, Promise<Answer>>, key: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const answer = known.get(key) ?? ask();
    known.set(key, answer);
    return answer;
  };

  async function ask({ operation, way, person, organisation }: Cell, at: Ids): Promise<Answer> {
    const own = idsOf(organisation, { subject: {} });
    const foreign = idsOf(foreignTo(organisation), { subject: {} });
    const token = await world.token(person, organisation.id);
    return send({ origin: platform.origin, operation, message: way.request(at, own, foreign), token });
  }

  const idsFor = ({ organisation, target }: Cell): Ids =>
    idsOf(target.foreign ? foreignTo(organisation) : organisation, target);

  return async (cell) => {
    const { way, person, organisation, operation, expected } = cell;
    const at = idsFor(cell);
    const who = `${operation.path} ${way.about ?? ""} ${person.name} ${organisation.id}`;
    if (way.item) {
      const request = JSON.stringify(way.request(at, at, at));
      const listed = await once(lists, `${who} ${request}`, () => ask(cell, at));
      return wrongItem(cell, { answer: listed, id: way.item(at) });
    }
    const answer = await ask(cell, at);
    const wrong = wrongAnswer(cell, answer);
    if (wrong !== undefined || expected !== "hidden") return wrong;
    if (!isWhole && answer.status === 404 && answer.reason === "not_found") return undefined;
    // "404 has the same body as something that does not exist", whatever the gateway says to who may nowhere.
    const alike = await once(nothing, who, () => ask(cell, missingIds()));
    if (alike.status === answer.status && alike.reason === answer.reason) return undefined;
    return `${cell.name}: ${told(answer)}, but what does not exist is ${told(alike)}`;
  };
}

function wrongItem({ name, expected }: Cell, { answer, id }: { answer: Answer; id: string }): string | undefined {
  const isRefused = [401, 403, 404].includes(answer.status);
  if (answer.status !== 200 && !isRefused) return `${name}: ${told(answer)}`;
  // What is there in the words of the JSON; an id in another thing's field would be a leak as well.
  const isThere = answer.status === 200 && answer.text.includes(`"${id}"`);
  return isThere === (expected === "present") ? undefined : `${name}: expected ${expected}, ${told(answer)}`;
}

function wrongAnswer({ name, way, expected }: Cell, answer: Answer): string | undefined {
  const words = `${answer.status} ${answer.reason}`;
  const isAllowed = (answer.status >= 200 && answer.status < 300) || (way.past ?? []).includes(words);
  const right: Record<typeof expected, boolean> = {
    allowed: isAllowed,
    forbidden: answer.status === 403,
    hidden: answer.status === 404 || answer.status === 403,
    unknown: answer.status === 401,
    unrelated:
      answer.status === 404 || answer.status === 403 || answer.status === 401 || (way.never ?? []).includes(words),
    present: false,
    absent: false,
  };
  // What is hidden answers as what is not there: where who may finds nothing either, the two answers are one.
  const isAlike = expected === "hidden" && words === "404 not_found";
  const isRight = right[expected] && (expected === "allowed" || isAlike || !isAllowed);
  return isRight ? undefined : `${name}: expected ${expected}, ${told(answer)}`;
}

function told({ status, reason }: Answer): string {
  return `got ${status} ${reason}`.trimEnd();
}
