import { run } from "@partake/service";
import { definition } from "./definition.ts";

await run(definition());
