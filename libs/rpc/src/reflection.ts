import type { Server } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { loaderOptions, protoFiles } from "@partake/proto";

/** Lets grpcurl and the like list what is served. */
export function addReflection(server: Server, services: readonly string[]): void {
  const definition = loadSync([...protoFiles], loaderOptions);
  new ReflectionService(definition, { services: services.map((name) => `partake.v1.${name}`) }).addToServer(server);
}
