// The door of @partake/authz: who may do what.
export type { Caller, Rights, UserCaller } from "./caller.ts";
export { type CompileInput, claimedRoles, compile } from "./compile.ts";
export type { MongoFilter } from "./condition.ts";
export {
  contactLevel,
  type Decision,
  decide,
  may,
  mayAnywhere,
  maySeeAnywhere,
  type RefusalReason,
  staleAnywhere,
  staleFor,
  visible,
} from "./decide.ts";
export { type Explanation, explain, type Obstacle, type ObstacleKind, type RoleOnScope } from "./explain.ts";
export type { HeldRole, ParticipantRights, Places, ProjectPlace, RecordScope, Switches } from "./facts.ts";
export { PLATFORM } from "./facts.ts";
export { isOpen } from "./grants.ts";
export { type Permission, policy, presets } from "./policy.ts";
export { allRoles, type ContactLevel, type Role, rolesOfScope, type ScopeKind } from "./roles.ts";
