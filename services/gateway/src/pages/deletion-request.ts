import { operation, type Services, validate } from "@partake/contract";
import type { Exchange, Handler } from "../exchange.ts";
import type { Principal } from "../principal.ts";
import { deletionRequestBody } from "./deletion-request-view.ts";
import { pageAnswer } from "./page.ts";
import { asking, asReader, hide, mayDo, notThere, queryOf, type ReadingParts } from "./reading.ts";

const getDeletionRequest = operation("/partake.v1.Projects/GetDeletionRequest");
const getProject = operation("/partake.v1.Projects/GetProject");

/** Where admins get to who are asked by mail to delete a project: what is asked and why, and both answers. (R17) */
export function deletionRequestPage(parts: ReadingParts): Handler {
  return async (exchange, { request: deletionRequestId = "" }) => {
    const organisation = queryOf(exchange, ["organisation"]).get("organisation");
    if (organisation === null || validate(getDeletionRequest.request, { deletionRequestId }).length > 0)
      throw notThere();
    const address = `/deletion-requests/${deletionRequestId}?organisation=${organisation}`;
    return asReader(parts, { exchange, place: { address, organisation } }, async (reader) => {
      const shown = await read(parts, exchange, { deletionRequestId, reader });
      const body = deletionRequestBody({ ...shown, organisation });
      return pageAnswer(parts.assets, { title: "Delete a project?", body, scripts: ["deletion-request.js"] });
    });
  };
}

async function read(
  parts: ReadingParts,
  exchange: Exchange,
  { deletionRequestId: id, reader }: { deletionRequestId: string; reader: Principal },
) {
  const ask = asking(parts, exchange, reader);
  const request = (await ask(getDeletionRequest, { deletionRequestId: id }).catch(
    hide,
  )) as Services["Projects"]["getDeletionRequest"]["response"];
  const { projectId } = request;
  const project = (await ask(getProject, { projectId }).catch(hide)) as Services["Projects"]["getProject"]["response"];
  const [mayDelete, mayWithdraw] = await Promise.all([
    mayDo(ask, { reader, permission: "project.delete", type: "project", id: projectId }),
    mayDo(ask, { reader, permission: "deletion_request.withdraw", type: "deletion_request", id }),
  ]);
  return { request, project, mayDelete, mayWithdraw };
}
