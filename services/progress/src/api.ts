import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { boardsApi } from "./api/boards.ts";
import { commentsApi } from "./api/comments.ts";
import { filesApi } from "./api/files.ts";
import { ownApi } from "./api/own.ts";
import { placesApi } from "./api/places.ts";
import { postsApi } from "./api/posts.ts";
import { setupApi } from "./api/setup.ts";
import { timelineApi } from "./api/timeline.ts";
import { people } from "./people.ts";
import { showing } from "./showing.ts";

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
    },
  };
}
