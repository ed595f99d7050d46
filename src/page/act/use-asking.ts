import { useState } from 'preact/hooks'
import { ask, type Outcome } from './ask.js'

/** How far something is that the bridge was asked for. */
export type Asking =
  | { readonly state: 'nothing' }
  | { readonly state: 'asked' }
  | { readonly state: 'done'; readonly words: string }
  | { readonly state: 'refused'; readonly problems: readonly string[] }

/** Something to ask for, and what to say once it is done. */
export interface Wish {
  readonly verb: string
  readonly input?: object
  words(data: unknown): string
}

/** Asks for one thing at a time; resolves to what became of it. */
export function useAsking(): readonly [Asking, (wish: Wish) => Promise<Outcome>] {
  const [asking, setAsking] = useState<Asking>({ state: 'nothing' })
  const begin = async ({ verb, input, words }: Wish) => {
    setAsking({ state: 'asked' })
    const outcome = await ask(verb, input)
    setAsking(
      outcome.ok
        ? { state: 'done', words: words(outcome.data) }
        : { state: 'refused', problems: outcome.problems },
    )
    return outcome
  }
  return [asking, begin]
}
