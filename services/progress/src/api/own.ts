import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { readablePosts } from "../access.ts";
import { isDue } from "../domain/cadence.ts";
import { milestonesReached } from "../domain/chart.ts";
import { ownParticipations } from "../own.ts";
import type { Showing } from "../showing.ts";
import { type BoardRecord, boards } from "../store/boards.ts";
import { entries, type PostEntry, posts } from "../store/entries.ts";
import { organisations } from "../store/organisations.ts";
import { type ParticipationRecord, participations } from "../store/participations.ts";
import { readSubjects, type Subject } from "../subjects.ts";
import { shownMetric, shownQuestion } from "./setup.ts";

type Own = Pick<Implementation<"Progress">, "getMyBoard" | "getMyChart" | "listMyNewsfeed">;

const POINTS_MAXIMUM = 1_000;
const FALLBACK_TIME_ZONE = "UTC";

/** What participants see of their own: cards, charts, newsfeed. (G3, G9, G10, G11) */
export function ownApi(parts: Parts, showing: Showing): Own {
  const { store, clock } = parts;

  /** The newest answer to each card that the person may read. */
  async function newestAnswers(board: BoardRecord, participationId: string, call: Call): Promise<PostEntry[]> {
    const readable = call.visible("post.read");
    const found = await Promise.all(
      board.cards.map(({ subjectId }) => {
        const answersTo = { kind: "answer", participationId, subjectId };
        const filter = { $and: [answersTo, trusted({ ...readable })] };
        return store.find(posts, filter, { sort: { recordedAt: -1 }, limit: 1, call });
      }),
    );
    return found.flat();
  }

  async function cardsOf(board: BoardRecord, participation: ParticipationRecord, call: Call) {
    const { _id: participationId, organisationId, projectId } = participation;
    const ids = board.cards.map(({ subjectId }) => subjectId);
    const [subjects, newest, organisation] = await Promise.all([
      readSubjects(store, { projectId, ids, call }),
      newestAnswers(board, participationId, call),
      store.get(organisations, organisationId),
    ]);
    const shown = await showing.posts(newest, call);
    const answers = new Map(shown.map((post) => [post.subjectId, post]));
    const mayAnswer = call.may("post.create", participation);
    const timeZone = organisation?.timeZone ?? FALLBACK_TIME_ZONE;
    return board.cards.flatMap((card) => {
      const subject = subjects.get(card.subjectId);
      if (!subject) return [];
      const answer = answers.get(card.subjectId);
      const newestAt = answer && new Date(answer.recordedAt);
      const open = mayAnswer && isDue({ cadence: card.cadence, newestAt, now: clock.now(), timeZone });
      return [{ card, ...shownSubject(subject), ...(answer && { newestAnswer: answer }), open }];
    });
  }

  return {
    async getMyBoard({ participationId }, call: Call) {
      const participation = await store.get(participations, participationId);
      call.decide(participation);
      call.decide(participation, "board.read_own");
      const board = await store.get(boards, participation.boardId);
      if (!board || participation.place !== "on_board") throw failure("not_found", "not_found");
      call.saw(board);
      const { _id: boardId, title } = board;
      return { boardId, title, cards: await cardsOf(board, participation, call) };
    },

    async getMyChart({ participationId, subjectId }, call: Call) {
      const participation = await store.get(participations, participationId);
      call.decide(participation);
      const { projectId, boardId } = participation;
      const answersTo = { kind: "answer", participationId, subjectId };
      const [board, subjects, newestFirst] = await Promise.all([
        store.get(boards, boardId),
        readSubjects(store, { projectId, ids: [subjectId], call }),
        store.find(
          posts,
          { $and: [answersTo, trusted(call.visible("post.read"))] },
          { limit: POINTS_MAXIMUM, sort: { recordedAt: -1 }, call },
        ),
      ]);
      const subject = subjects.get(subjectId);
      const isOnBoard = board?.cards.some((card) => card.subjectId === subjectId) ?? false;
      // Neither asked about nor answered: to this person there is no such thing.
      if (!subject || !(isOnBoard || newestFirst.length > 0)) throw failure("not_found", "not_found");
      return shownChart(subject, newestFirst.toReversed());
    },

    async listMyNewsfeed({ limit, cursor }, call: Call) {
      const own = ownParticipations(call);
      const open = own.filter(({ peerReview, state }) => peerReview && state === "active");
      const circle = [
        { participationId: trusted({ $in: own.map(({ participationId }) => participationId) }) },
        { peerReview: true, projectId: trusted({ $in: open.map(({ projectId }) => projectId) }) },
      ];
      const page = await store.list(entries, {
        visible: readablePosts(call),
        filter: { staffOnly: false, $or: circle },
        sort: { field: "recordedAt", direction: -1 },
        limit,
        cursor,
        call,
      });
      const shown = await showing.timeline(page.items, call);
      const items = shown.flatMap(({ kind, post, comment, recordedAt }) =>
        kind === "case_note" || kind === "staff_post"
          ? []
          : [{ kind, ...(post && { post }), ...(comment && { comment }), recordedAt }],
      );
      return { items, nextCursor: page.nextCursor };
    },
  };
}

function shownSubject({ metric, question }: Subject) {
  return metric ? { metric: shownMetric(metric) } : { question: shownQuestion(question) };
}

function shownChart({ metric, question }: Subject, oldestFirst: readonly PostEntry[]) {
  const answered = oldestFirst.flatMap(({ _id: postId, recordedAt, value }) =>
    value ? [{ postId, recordedAt, value }] : [],
  );
  const points = answered.map(({ postId, recordedAt, value }) => ({
    postId,
    recordedAt: recordedAt.toISOString(),
    value: { ...value, choices: value.choices ?? [] },
  }));
  if (!metric) return { subjectId: question._id, title: question.text, unit: "", points, milestones: [] };
  const { _id: subjectId, title, unit, baseline, target } = metric;
  const reached = milestonesReached(
    answered.map(({ recordedAt, value }) => ({ recordedAt, number: value.number })),
    metric,
  );
  return {
    ...{ subjectId, title, unit, points },
    ...(baseline !== undefined && { baseline }),
    ...(target !== undefined && { target }),
    milestones: reached.map(({ title: named, value, reachedAt }) => ({
      title: named,
      value,
      ...(reachedAt && { reachedAt: reachedAt.toISOString() }),
    })),
  };
}
