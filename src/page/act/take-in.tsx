import { useState } from 'preact/hooks'
import { isDeviceId } from '../../names.js'
import type { FleetStore } from '../store/fleet-store.js'
import { Dialog } from './dialog.jsx'
import type { Wish } from './use-asking.js'

interface TakeInProps {
  readonly store: FleetStore
  readonly isBusy: boolean
  onWish(wish: Wish): void
}

/** Those that send and are not known, each with a button by which it is taken in. */
export const TakeIn = ({ store, isBusy, onWish }: TakeInProps) => {
  const [chosen, setChosen] = useState<string>()
  const { system, bridge } = store
  const latest = system?.unknown.latest ?? []
  const models = Object.keys(bridge?.models ?? {})
  if (latest.length === 0) return <p class="hint">Nobody sends who is not known.</p>
  return (
    <>
      <ul class="unknown">
        {latest.map((id) => (
          <li key={id}>
            <code>{id}</code>
            <button
              type="button"
              class="button"
              disabled={isBusy || models.length === 0}
              onClick={() => setChosen(id)}
            >
              Take in<span class="visually-hidden"> {id}</span> …
            </button>
          </li>
        ))}
      </ul>
      {chosen !== undefined && (
        <Dialog
          title={`Take in ${chosen}`}
          verb="Take in"
          onConfirm={({ device = '', model = '', name, source }) =>
            onWish({
              verb: 'device/add',
              input: {
                ...{ device, model },
                ...(name !== undefined && { name }),
                ...(source !== undefined && { source, as: chosen }),
              },
              words: () => `${device} is taken in: it is decoded from its next frame on.`,
            })
          }
          onClose={() => setChosen(undefined)}
        >
          <label class="field">
            <span>Id, as topics have it</span>
            <input
              name="device"
              maxLength={64}
              required
              autocomplete="off"
              defaultValue={isDeviceId(chosen) ? chosen : ''}
            />
          </label>
          <label class="field">
            <span>Model</span>
            <select name="model">
              {models.map((model) => (
                <option key={model}>{model}</option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>Name for people</span>
            <input name="name" maxLength={128} autocomplete="off" />
          </label>
          <label class="field">
            <span>Known as {chosen}</span>
            <select name="source">
              <option value="">because it sends under its own id</option>
              {system?.sources.map(({ id }) => (
                <option key={id} value={id}>
                  at {id}
                </option>
              ))}
            </select>
          </label>
        </Dialog>
      )}
    </>
  )
}
