import type { Implementation } from "@partake/rpc";
import { type Parts, people, readRecordScopes } from "@partake/service";
import { boardsApi } from "./api/boards.ts";
import { commentsApi } from "./api/comments.ts";
import { filesApi } from "./api/files.ts";
import { ownApi } from "./api/own.ts";
import { placesApi } from "./api/places.ts";
import { postsApi } from "./api/posts.ts";
import { setupApi } from "./api/setup.ts";
import { timelineApi } from "./api/timeline.ts";
import { showing } from "./showing.ts";
import { boards } from "./store/boards.ts";
import { entries } from "./store/entries.ts";
import { metrics } from "./store/metrics.ts";
import { questions } from "./store/questions.ts";

/** Where the records are that somebody's access may be asked about, by the prefix of their ids. */
const scopedCollections = { brd: boards, met: metrics, qst: questions, pst: entries, cmt: entries, nte: entries };

/** The RPCs of the Progress service. */
export function api(parts: Parts): { Progress: Implementation<"Progress"> } {
  const shown = showing(parts, people(parts));
  return {
    Progress: {
      ...setupApi(parts),
      ...boardsApi(parts),
      ...postsApi(parts, shown),
      ...commentsApi(parts, shown),
      ...timelineApi(parts, shown),
      ...ownApi(parts, shown),
      ...filesApi(parts),
      ...placesApi(parts),
      readRecordScopes: readRecordScopes(parts.store, scopedCollections),
    },
  };
}
