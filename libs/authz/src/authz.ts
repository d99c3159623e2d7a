// The door of @partake/authz: who may do what.
export type {
  Caller,
  HeldRole,
  ParticipantRights,
  Places,
  ProjectPlace,
  RecordScope,
  Rights,
  Switches,
  UserCaller,
} from "./caller.ts";
export { PLATFORM } from "./caller.ts";
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
export { isOpen } from "./grants.ts";
export { type Permission, policy, presets } from "./policy.ts";
export { allRoles, type ContactLevel, type Role, rolesOfScope, type ScopeKind } from "./roles.ts";
