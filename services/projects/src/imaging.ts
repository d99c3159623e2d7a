import type { Transaction } from "@partake/store";
import { images, imageUploads } from "./store/images.ts";

/** A picture that nothing shows any more goes. */
export async function retireImage(tx: Transaction, imageId: string | undefined): Promise<void> {
  const image = imageId === undefined ? undefined : await tx.get(images, imageId);
  if (image) await imageUploads.remove(tx, [image]);
}
