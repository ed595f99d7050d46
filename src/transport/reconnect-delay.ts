/** How long a lost connection waits before it is tried again. */
export interface ReconnectPolicy {
  /** The first try after a loss comes within this time. */
  readonly firstMs: number
  readonly minMs: number
  readonly maxMs: number
}

export const defaultReconnectPolicy: ReconnectPolicy = Object.freeze({
  firstMs: 1000,
  minMs: 1000,
  maxMs: 30_000,
})

/**
 * Decorrelated jitter: each wait lies between the shortest and three times the one before, so that many
 * bridges do not fall upon a broker together when it returns. `random` is in [0, 1); `previousMs` is 0 at the first try.
 */
export function reconnectDelay(
  previousMs: number,
  random: number,
  policy: ReconnectPolicy = defaultReconnectPolicy,
): number {
  if (previousMs === 0) return policy.firstMs * (0.1 + 0.9 * random)
  const longest = Math.max(policy.minMs, previousMs * 3)
  return Math.min(policy.maxMs, policy.minMs + random * (longest - policy.minMs))
}
