/** Freezes a value with everything in it, maps as well, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Map) {
    // Freezing alone leaves a map's entries as changeable as before.
    for (const name of ['set', 'delete', 'clear'])
      Object.defineProperty(value, name, { value: refuse })
    for (const item of value.values()) deepFreeze(item)
  }
  Object.freeze(value)
  for (const item of Object.values(value)) deepFreeze(item)
  return value
}

function refuse(): never {
  throw new TypeError('the configuration does not change')
}
