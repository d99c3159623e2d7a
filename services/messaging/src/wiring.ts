import type { Running, ServiceDefinition } from "@partake/service";
import { api } from "./api.ts";
import { type Delivery, startDelivery } from "./delivery.ts";
import { notifying } from "./notifying.ts";
import { openSealing } from "./sealing.ts";
import { openSmtp } from "./smtp.ts";

/** Who queues a mail wakes the delivery, which is started after them. */
export function messaging(): Pick<ServiceDefinition, "api" | "consumers" | "background"> {
  let delivery: Delivery | undefined;
  const wake = () => delivery?.wake();
  return {
    api: ({ store, config }) => api({ store, config, sealing: openSealing(config.encryptionKeys), wake }),
    consumers: ({ clients, config, newId }) => [
      notifying({ clients, config, newId, sealing: openSealing(config.encryptionKeys), wake }),
    ],
    background: ({ store, clock, log, config }) => {
      const sealing = openSealing(config.encryptionKeys);
      delivery = startDelivery({ store, clock, log, config, sealing, smtp: openSmtp(config.smtpUrl) });
      return [Promise.resolve<Running>(delivery)];
    },
  };
}
