export interface Apart<T> {
  done: T[];
  /** Why it failed for the others. */
  causes: unknown[];
}

/** Does it to each, one after the other, also where it fails for some: one that cannot be removed must not keep the rest. */
export async function eachApart<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<Apart<T>> {
  const apart: Apart<T> = { done: [], causes: [] };
  for (const item of items) {
    try {
      await act(item);
      apart.done.push(item);
    } catch (cause) {
      apart.causes.push(cause);
    }
  }
  return apart;
}
