import type { Transaction } from "@partake/store";
import { images } from "./store/images.ts";

/** A picture that nothing shows any more: the gateway removes its bytes, and then its record goes. */
export async function retireImage(tx: Transaction, imageId: string | undefined): Promise<void> {
  const image = imageId === undefined ? undefined : await tx.get(images, imageId);
  if (image && image.state !== "removed") await tx.update(images, image, { state: "removed", removeAt: tx.now });
}
