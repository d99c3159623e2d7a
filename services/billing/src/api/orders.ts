import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { movements } from "../domain/ledger.ts";
import { post } from "../posting.ts";
import { type OrderRecord, orders } from "../store/orders.ts";

type Orders = Pick<Implementation<"Billing">, "createOrder" | "listOrders" | "listOpenOrders" | "confirmOrder">;

/** Orders of credits, which a billing operator confirms. (B2) */
export function ordersApi({ store, newId }: Parts): Orders {
  return {
    async createOrder({ id: _id, credits }, call) {
      const { organisationId, actorId: ownerId } = call;
      const { id } = await store.write(call, async (tx) => {
        await tx.insert(orders, { _id, organisationId, ownerId, credits, state: "ordered", createdAt: tx.now });
        tx.audit({ action: "order.created", organisationId, subjectId: _id });
        return _id;
      });
      return shown(await store.get(orders, id));
    },

    async listOrders({ limit, cursor }, call) {
      const { organisationId } = call;
      const page = await store.list(orders, { visible: { organisationId }, limit, cursor, call });
      return { items: page.items.map(shown), nextCursor: page.nextCursor };
    },

    async listOpenOrders({ limit, cursor }, call) {
      const page = await store.list(orders, { visible: { state: "ordered" }, limit, cursor, call });
      return { items: page.items.map(shown), nextCursor: page.nextCursor };
    },

    async confirmOrder({ orderId }, call) {
      await store.write(call, async (tx) => {
        const order = await tx.get(orders, orderId);
        if (!order) throw failure("not_found", "order_not_found");
        if (order.state === "confirmed") return orderId;
        const { organisationId, credits: amount } = order;
        const entryId = newId("ent");
        const movement = movements.grant(amount);
        const wallet = await post(tx, { entryId, organisationId, movement, chargeKey: orderId, about: { orderId } });
        await tx.update(orders, order, { state: "confirmed", confirmedAt: tx.now });
        tx.emit({
          type: "org.partake.billing.credits-granted.v1",
          data: {
            ...{ organisationId, entryId, orderId, amount },
            available: wallet.available,
            recordedAt: tx.now.toISOString(),
            version: wallet.version,
          },
        });
        tx.audit({ action: "order.confirmed", organisationId, subjectId: orderId });
        return orderId;
      });
      return shown(await store.get(orders, orderId));
    },
  };
}

function shown(order: OrderRecord | undefined) {
  if (!order) throw failure("not_found", "order_not_found");
  const { _id: id, organisationId, credits, state, version, createdAt, confirmedAt } = order;
  return {
    ...{ id, organisationId, credits, state, version },
    createdAt: createdAt.toISOString(),
    ...(confirmedAt && { confirmedAt: confirmedAt.toISOString() }),
  };
}
