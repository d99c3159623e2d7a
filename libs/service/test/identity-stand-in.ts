// Answers what identity would of the one person: an admin, until their role is taken.
import { operations } from "@partake/contract";
import { createEnforcer, type Implementations, type RpcServer, serve } from "@partake/rpc";
import { GrantsView, PlacesView, type ReadGrants } from "@partake/service";
import { ORGANISATION, ORIGIN, type Surroundings, USER } from "./process.ts";

export const GRANT = "grn_01890000-0000-7000-8000-000000000009";

export interface IdentityStandIn {
  port: number;
  /** How often it was asked. */
  reads(): number;
  /** What it answers from now on; nobody is told. */
  takeRole(): void;
  stop(): Promise<void>;
}

/** Port 0 is one that is free. */
export async function startIdentity({ serviceKeys }: Surroundings, of = { port: 0 }): Promise<IdentityStandIn> {
  let reads = 0;
  let version = 1;
  const grant = { id: GRANT, organisationId: ORGANISATION, userId: USER, role: "admin", scope: ORGANISATION };
  const readGrants = async (): Promise<ReadGrants> => {
    reads += 1;
    const held = [{ ...grant, version, grantedAt: "2026-01-01T00:00:00Z", removed: false }];
    return { grants: version === 1 ? held : [], version, enabled: true } as unknown as ReadGrants;
  };
  const declared = operations.filter(({ service }) => service === "Identity");
  const all = Object.fromEntries(
    declared.map(({ name }) => [name.charAt(0).toLowerCase() + name.slice(1), readGrants]),
  );
  const grants = new GrantsView({ source: { read: () => readGrants() } });
  const places = new PlacesView({ source: { read: async () => ({ items: [], nextCursor: "" }) }, fresh: () => true });
  const keys = { key: async () => undefined, onChange: () => undefined };
  const enforcer = createEnforcer({ origin: ORIGIN, keys, serviceKeys, grants, places });
  const services = { Identity: all } as object as Implementations;
  const server: RpcServer = await serve({ services, port: of.port, host: "127.0.0.1", enforcer });
  return {
    port: server.port,
    reads: () => reads,
    takeRole() {
      version = 2;
    },
    stop: () => server.stop(100),
  };
}
