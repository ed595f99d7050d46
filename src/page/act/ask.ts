import type { Acting } from '../../http/routes/requests.js'

/** What became of something that the bridge was asked for. */
export type Outcome =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Asks the bridge for something, as others do over MQTT. Never rejects. */
export async function ask(verb: string, input: object = {}): Promise<Outcome> {
  try {
    const answer = await fetch(`/api/requests/${verb}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(input),
    })
    const text = await answer.text()
    if (!answer.headers.get('content-type')?.startsWith('application/json')) return failed(text)
    const said: unknown = JSON.parse(text)
    if (typeof said !== 'object' || said === null) return failed(text)
    const { status, data, problems } = said as Readonly<Record<string, unknown>>
    if (status === 'ok') return { ok: true, data }
    return failed(...(Array.isArray(problems) ? problems.map(String) : [text]))
  } catch {
    return failed('the bridge did not answer')
  }
}

const failed = (...problems: readonly string[]): Outcome => ({
  ok: false,
  problems: problems.map((problem) => problem.trim()),
})

/** Whether whoever looks may have something done; undefined where the bridge does not answer. */
export async function actingNow(): Promise<Acting | undefined> {
  try {
    const { acting } = await (await fetch('/api/session')).json()
    return acting
  } catch {
    // It is away, or shows its login instead: asked again once it is back.
    return undefined
  }
}
