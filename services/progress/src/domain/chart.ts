export interface ChartPoint {
  recordedAt: Date;
  number: number | undefined;
}

export interface Goal {
  baseline?: number | undefined;
  target?: number | undefined;
  milestones: readonly { title: string; value: number }[];
}

export interface Reached {
  title: string;
  value: number;
  reachedAt?: Date;
}

/**
 * Each milestone with the time of the first answer that reached it. The way goes up, unless the target lies below the baseline:
 * then less is progress. (G9)
 */
export function milestonesReached(points: readonly ChartPoint[], { baseline, target, milestones }: Goal): Reached[] {
  const downwards = baseline !== undefined && target !== undefined && target < baseline;
  const inTime = points.toSorted((one, other) => one.recordedAt.getTime() - other.recordedAt.getTime());
  return milestones.map(({ title, value }) => {
    const first = inTime.find(({ number }) => number !== undefined && (downwards ? number <= value : number >= value));
    return first ? { title, value, reachedAt: first.recordedAt } : { title, value };
  });
}
