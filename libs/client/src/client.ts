// The door of @partake/client: every operation of the platform as a typed function, for browsers, Node and scripts.
//
//   const partake = createClient({ origin: "https://partake.example", token: () => accessToken });
//   const project = await partake.projects.createProject({ title: "Tuesday walking group" });
//   await partake.projects.updateProject({ projectId: project.id, status: "published" }, { ifMatch: project.version });
import type { CallOptions, ClientOptions, FileToUpload } from "./call.ts";
import { readEvents } from "./event-stream.ts";
import { download, upload } from "./file-call.ts";
import { type Api, routes } from "./gen/api.ts";
import { callJson, type Request } from "./json-call.ts";
import type { Route } from "./route.ts";
import { createTransport, type Transport } from "./transport.ts";

export type { CallOptions, ClientOptions, ConditionalCallOptions, DownloadedFile, FileToUpload } from "./call.ts";
export type * from "./gen/api.ts";
export { type FieldError, Problem } from "./problem.ts";

export type Client = Api;

export function createClient(options: ClientOptions): Client {
  const transport = createTransport(options);
  const services = Object.entries(routes).map(([service, table]) => {
    const functions = Object.entries(table).map(([name, route]) => [name, functionOf(transport, route)]);
    return [service, Object.fromEntries(functions)];
  });
  // The table has an entry for each function of the interface: both are generated together and the compiler compares them.
  return Object.fromEntries(services) as Client;
}

function functionOf(transport: Transport, route: Route): unknown {
  switch (route.bytes) {
    case "none":
      return (request: Request = {}, options: CallOptions = {}) => callJson(transport, route, request, options);
    case "upload":
      return (request: Request, file: FileToUpload, options: CallOptions = {}) =>
        upload(transport, { route, request, file, options });
    case "download":
      return (request: Request, options: CallOptions = {}) => download(transport, route, request, options);
    case "events":
      return (request: Request = {}, options: CallOptions = {}) => readEvents(transport, { route, request, options });
    default:
      return route.bytes satisfies never;
  }
}
