import { run } from "@partake/service";
import { mails } from "./store/mails.ts";
import { notifications } from "./store/notifications.ts";
import { messaging } from "./wiring.ts";

await run({ name: "messaging", collections: [mails, notifications], ...messaging() });
