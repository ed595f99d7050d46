const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

let listens = false

/** A signal ends a process without a word to what it has started, unless somebody listens to it. */
function listen(): void {
  if (listens) return
  listens = true
  for (const [signal, number] of Object.entries(NUMBERS)) {
    process.once(signal, () => process.exit(128 + number))
  }
}

/** Has `end` called when this process ends, by a signal as well (but SIGKILL); returns the undo. */
export function whenWeEnd(end: () => void): () => void {
  listen()
  process.once('exit', end)
  return () => process.removeListener('exit', end)
}
