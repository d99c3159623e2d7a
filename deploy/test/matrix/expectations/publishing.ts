// Projects once more: their order, their end, who follows them, their pictures, and what everybody sees.
import { people } from "../people.ts";
import { allOf, anyOf, editors, holds, nobody, projectRow, type Rule, withOrganisationToken } from "../rules.ts";
import {
  type Expectations,
  everyProject,
  folders,
  type Ids,
  mismatch,
  organisation,
  stale,
  type Target,
  taken,
} from "./targets.ts";
import { seesFolder, seesProject } from "./views.ts";

const deletes = projectRow("delete a project");
const editsFolder = projectRow("edit a folder");
/** The page has no row for the order of projects. Nearest: whoever edits the folder that holds them; outside of any an admin. */
const orders: Rule = anyOf(holds("admin"), holds("folder_manager"));
const follows: Rule = allOf(projectRow("follow a project"), seesProject);

/** "Sets it to draft or asks an admin": whoever manages it asks, and sees what was asked. An admin is asked, and may ask others. */
const ofDeletionRequest = {
  targets: everyProject,
  request: ({ deletionRequestId }: Ids) => ({ deletionRequestId }),
  sees: editors,
};
const answered: readonly string[] = ["409 already_answered"];

/** What visitors see is the same whoever asks. */
const shownToVisitors: Rule = (ask) => {
  const visitor = people.find(({ token }) => token === "none");
  if (!visitor) throw new Error("the matrix has no visitor");
  return seesProject({ ...ask, person: visitor });
};
const hereOnly = everyProject.filter(({ foreign }) => foreign !== true);
const foreignProject = mismatch("a project of another organisation", { project: "open" });
const itsImage: Target = { name: 'the picture of project "open"', subject: { project: "open" } };
const elsewhere: Target = { name: "another organisation", subject: {}, foreign: true };

/** Everything is put where it is: nothing moves. A picture is sent as a text, which is no picture. */
const noPicture: readonly string[] = ["415 file_type"];

export const publishingExpectations: Expectations = {
  "Projects.PlaceFolder": [
    {
      targets: folders,
      request: ({ folderId }) => ({ folderId, afterFolderId: folderId }),
      acts: editsFolder,
      sees: seesFolder,
    },
  ],
  // The page deletes projects only. Nearest: the same of what holds them.
  "Projects.DeleteFolder": [
    {
      targets: folders,
      request: ({ folderId }) => ({ folderId }),
      acts: deletes,
      sees: seesFolder,
      past: [...stale, "422 folder_not_empty"],
    },
  ],
  "Projects.RestoreFolder": [
    { targets: folders, request: ({ folderId }) => ({ folderId }), acts: deletes, sees: seesFolder },
  ],
  "Projects.ListDeletedFolders": [
    { targets: organisation, request: () => ({}), acts: deletes, sees: withOrganisationToken },
  ],
  "Projects.PlaceProject": [
    {
      targets: everyProject,
      request: ({ projectId }) => ({ projectId, afterProjectId: projectId }),
      acts: orders,
      sees: seesProject,
    },
  ],
  "Projects.DeleteProject": [
    {
      targets: everyProject,
      request: ({ projectId }) => ({ projectId }),
      acts: deletes,
      sees: seesProject,
      past: stale,
    },
  ],
  "Projects.RestoreProject": [
    { targets: everyProject, request: ({ projectId }) => ({ projectId }), acts: deletes, sees: seesProject },
  ],
  "Projects.ListDeletedProjects": [
    { targets: organisation, request: () => ({}), acts: deletes, sees: withOrganisationToken },
  ],
  "Projects.CreateDeletionRequest": [
    {
      targets: everyProject,
      request: ({ projectId, deletionRequestId: id }) => ({ id, projectId, reason: "Once more" }),
      acts: editors,
      sees: seesProject,
      past: [...taken, "409 already_requested"],
    },
  ],
  "Projects.GetDeletionRequest": [{ ...ofDeletionRequest, acts: editors }],
  "Projects.ListDeletionRequests": [
    { ...ofDeletionRequest, request: () => ({}), acts: editors, item: ({ deletionRequestId }) => deletionRequestId },
  ],
  "Projects.WithdrawDeletionRequest": [{ ...ofDeletionRequest, acts: editors, past: answered }],
  "Projects.DeclineDeletionRequest": [{ ...ofDeletionRequest, acts: deletes, past: answered }],
  "Projects.FollowProject": [
    { targets: everyProject, request: ({ projectId }) => ({ projectId }), acts: follows, sees: seesProject },
  ],
  "Projects.UnfollowProject": [
    { targets: everyProject, request: ({ projectId }) => ({ projectId }), acts: follows, sees: seesProject },
  ],
  "Projects.RemoveProjectImage": [
    {
      targets: everyProject,
      request: ({ projectId }) => ({ projectId }),
      acts: editors,
      sees: seesProject,
      past: stale,
    },
  ],
  "Projects.RemoveFolderImage": [
    { targets: folders, request: ({ folderId }) => ({ folderId }), acts: editsFolder, sees: seesFolder, past: stale },
  ],
  "Projects.ListPublicProjects": [
    {
      targets: hereOnly,
      request: ({ organisationId }) => ({ organisationId }),
      acts: shownToVisitors,
      sees: nobody,
      item: ({ projectId }) => projectId,
    },
  ],
  "Projects.GetPublicProject": [
    {
      targets: hereOnly,
      request: ({ organisationId, projectId }) => ({ organisationId, projectId }),
      acts: shownToVisitors,
      sees: nobody,
    },
    {
      about: "of another organisation",
      targets: [foreignProject],
      request: ({ organisationId }, _own, foreign) => ({ organisationId, projectId: foreign.projectId }),
      acts: nobody,
      sees: nobody,
    },
  ],
  "Gateway.UploadProjectImage": [
    {
      targets: everyProject,
      request: ({ projectId }) => ({ projectId }),
      acts: editors,
      sees: seesProject,
      past: noPicture,
    },
  ],
  "Gateway.UploadFolderImage": [
    {
      targets: folders,
      request: ({ folderId }) => ({ folderId }),
      acts: editsFolder,
      sees: seesFolder,
      past: noPicture,
    },
  ],
  "Gateway.DownloadImage": [
    { targets: [itsImage, elsewhere], request: ({ imageId }) => ({ imageId }), acts: seesProject, sees: seesProject },
  ],
  "Gateway.DownloadPublicImage": [
    {
      targets: [itsImage],
      request: ({ organisationId, imageId }) => ({ organisationId, imageId }),
      acts: shownToVisitors,
      sees: nobody,
    },
    {
      about: "of another organisation",
      targets: [foreignProject],
      request: ({ organisationId }, _own, foreign) => ({ organisationId, imageId: foreign.imageId }),
      acts: nobody,
      sees: nobody,
    },
  ],
};
