export type Document = { _id: string } & Record<string, unknown>;

/** A write that waits to be sent. `owner` is the number of the work in the group that asked for it. */
export type Step = { owner: number; collection: string; id: string } & (
  | { kind: "insert"; document: Document }
  | { kind: "update"; version: number; update: Record<string, unknown> }
  | { kind: "remove"; version: number }
);

/** The record that a step changes; undefined where it adds one, which nobody else can know yet. */
export function changedRecord(step: Step): string | undefined {
  return step.kind === "insert" ? undefined : `${step.collection}/${step.id}`;
}

/** The database refused a step. Sent one by one it is known which; of several at once only that one was. */
export class RefusedStep extends Error {
  override readonly name = "RefusedStep";
  readonly step: Step | undefined;

  constructor(step: Step | undefined, cause?: unknown) {
    super("the database refused a write", { cause });
    this.step = step;
  }
}
