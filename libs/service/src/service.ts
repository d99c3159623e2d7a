// The door of @partake/service: a whole service from its definition.
export { type Config, ConfigurationError, readConfig } from "./config.ts";
export type { ConfigurationVariable } from "./configuration-variable.ts";
export { type DueWork, type DueWorkParts, eachDue } from "./due-work.ts";
export { GrantVersions } from "./grant-versions.ts";
export type { ReadGrants } from "./held-grants.ts";
export type { ReadScopes } from "./held-places.ts";
export { hindrances } from "./hindrances.ts";
export { type GrantsSource, GrantsView, type LiveGrantsOptions } from "./live-grants.ts";
export { type LivePlacesOptions, type PlacesSource, PlacesView } from "./live-places.ts";
export { liveRights } from "./live-rights.ts";
export { openLog } from "./log.ts";
export { type People, people } from "./people.ts";
export { readRecordScopes, recordScopeOf } from "./record-scopes.ts";
export { type RunOptions, run } from "./run.ts";
export { type TablePart, tableText } from "./table-text.ts";
export type { Clock, Parts, Running, ServiceDefinition } from "./types.ts";
export { configurationVariables } from "./variables.ts";
