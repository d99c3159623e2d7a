/** As many as an event may name. */
const PEOPLE_MAXIMUM = 50;

/** Who wrote in a thread, with one more; of too many the earliest are forgotten. */
export function joined(userIds: readonly string[], userId: string): string[] {
  return [...userIds.filter((each) => each !== userId), userId].slice(-PEOPLE_MAXIMUM);
}

/** The newest answer to each question or metric, with one more answer counted in. */
export interface Newest {
  subjectId: string;
  postId: string;
  recordedAt: Date;
}

export function newestWith(answers: readonly Newest[], answer: Newest): Newest[] {
  const earlier = answers.find(({ subjectId }) => subjectId === answer.subjectId);
  if (earlier && earlier.recordedAt > answer.recordedAt) return [...answers];
  return [...answers.filter((each) => each !== earlier), answer];
}
