// What is for services only, asked by people at the services' own ports: there is no way through the gateway.
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { codec, type Operation, operations } from "@partake/contract";
import { rpcName } from "./cells.ts";
import { people } from "./people.ts";
import type { World } from "./world.ts";

export const inner: readonly Operation[] = operations.filter(({ access }) => access.kind === "services");

/** Every person × every such RPC: who was not refused. With the number of cells. */
export async function askDirectly({
  platform,
  organisations,
  token,
}: World): Promise<{ cells: number; wrong: string[] }> {
  const clients = new Map(
    platform.processes
      .filter(({ replica }) => replica === 0)
      .map(({ name, rpcAddress }) => [name, new Client(rpcAddress, credentials.createInsecure())]),
  );
  const wrong: string[] = [];
  let cells = 0;
  const [organisation] = organisations;
  if (!organisation) throw new Error("the matrix has no organisation");
  try {
    for (const person of people) {
      const held = await token(person, organisation.id);
      const answers = await Promise.all(inner.map((operation) => ask(clients.get(operation.owner), operation, held)));
      cells += answers.length;
      for (const [index, code] of answers.entries()) {
        const operation = inner[index];
        if (operation && code !== status.UNAUTHENTICATED && code !== status.PERMISSION_DENIED)
          wrong.push(`${rpcName(operation)} as ${person.name}: gRPC status ${code}`);
      }
    }
  } finally {
    for (const client of clients.values()) client.close();
  }
  return { cells, wrong };
}

function ask(client: Client | undefined, { path, request }: Operation, token: string | undefined): Promise<number> {
  if (!client) throw new Error(`nobody answers ${path}`);
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  const { promise, resolve } = Promise.withResolvers<number>();
  const serialize = () => codec(request).encode({});
  const take = (error: ServiceError | null) => resolve(error?.code ?? status.OK);
  client.makeUnaryRequest(path, serialize, (bytes) => bytes, {}, metadata, { deadline: Date.now() + 60_000 }, take);
  return promise;
}
