import { run } from "@partake/service";
import { defineGateway } from "./gateway.ts";

await run(defineGateway());
