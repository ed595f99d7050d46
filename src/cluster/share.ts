/** How many partitions each of so many bridges has, at most. */
export const fairShare = (partitions: number, bridges: number): number =>
  Math.ceil(partitions / Math.max(1, bridges))

/**
 * Which partitions a bridge gives away: all above its share, the highest first. The broker gives a queue to whoever has
 * waited longest for it, so bridges that have joined get them, and nobody gives away what he has just got.
 */
export function surplus(
  owned: readonly number[],
  partitions: number,
  bridges: number,
): readonly number[] {
  const share = fairShare(partitions, bridges)
  return [...owned].sort((a, b) => a - b).slice(share)
}
