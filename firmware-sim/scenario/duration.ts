const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Reads `500ms`, `2s`, `1.5min`, `1h`, `1d` into milliseconds; undefined for anything else and for 0. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|s|min|h|d)$/.exec(text) ?? []
  const ms = Number(number) * (unitMs[unit] ?? 0)
  return ms > 0 ? ms : undefined
}
