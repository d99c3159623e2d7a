// The door of @partake/rpc: the only package that knows how calls travel.
export { type Access, FRESH_SECONDS } from "./access.ts";
export type { Call, Client, Implementation, Outgoing, Told } from "./call.ts";
export { type Channel, type ChannelOptions, openChannel } from "./channel.ts";
export { connect } from "./client.ts";
export { createEnforcer, type Enforcer, type EnforcerOptions } from "./enforcer.ts";
export { readRequestId, readTraceparent, readVersion } from "./headers.ts";
export { FetchedKeys, type FetchedKeysOptions, type KeySource } from "./key-set.ts";
export type { HeldGrants, LiveGrants, LivePlaces } from "./live.ts";
export type { Observation } from "./observation.ts";
export { isSafeToRepeat } from "./safety.ts";
export { type Implementations, type RpcServer, type ServeOptions, serve } from "./server.ts";
export { type MintServiceToken, mintServiceTokens, readServiceKeys, type ServiceKeys } from "./service-token.ts";
export { type RefusedCall, type Trail, type View, withTrail } from "./trail.ts";
export type { Credentials, Verified } from "./verified.ts";
