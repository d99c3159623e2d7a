// Asks the enforcer as a request would: authenticate, then authorize.
import { type Operation, operation } from "@partake/contract";
import { beforeEach } from "vitest";
import { createWorld, type role, type World } from "./world.ts";

export const getProject = operation("/partake.v1.Projects/GetProject");
export const updateProject = operation("/partake.v1.Projects/UpdateProject");
export const createFolder = operation("/partake.v1.Projects/CreateFolder");
export const getContact = operation("/partake.v1.Contacts/GetContact");
export const createContact = operation("/partake.v1.Contacts/CreateContact");
export const deleteContact = operation("/partake.v1.Contacts/DeleteContact");
export const getMe = operation("/partake.v1.Identity/GetMe");
export const readGrants = operation("/partake.v1.Identity/ReadGrants");
export const createOrganisation = operation("/partake.v1.Identity/CreateOrganisation");

/** Made anew for each test. */
export let world: World;

beforeEach(async () => {
  world = await createWorld();
});

export interface Asked {
  operation: Operation;
  request?: object;
  token?: string | undefined;
  service?: string;
  serviceToken?: string;
  grantsVersion?: number;
}

export async function outcome(asked: Asked): Promise<string> {
  const { token, service, grantsVersion } = asked;
  try {
    const serviceToken = service === undefined ? asked.serviceToken : await world.serviceToken(service)();
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    const verified = await world.enforcer.authenticate({ authorization, serviceToken, grantsVersion });
    await world.enforcer.authorize({ operation: asked.operation, request: asked.request ?? {}, verified });
    return "allowed";
  } catch (error) {
    const { code, reason } = error as { code: string; reason: string };
    return `${code} ${reason}`;
  }
}

/** Holds roles and has a token that knows them. */
export function member(...roles: ReturnType<typeof role>[]): string {
  world.grants.put({ roles, version: 1 });
  return world.token({ roles: roles.map(({ role: name, scope }) => `${name}:${scope}`) });
}
