import { useState } from 'preact/hooks'
import type { DeviceRow } from '../../http/feed/messages.js'
import { deviceHref } from '../route.js'
import { Dialog } from './dialog.jsx'
import { Result } from './result.jsx'
import { useAsking } from './use-asking.js'

interface Plain {
  readonly verb: string
  readonly label: string
  readonly title: string
  readonly done: string
}

interface Destructive extends Plain {
  readonly confirm: string
}

const AT_ONCE: readonly Plain[] = [
  {
    verb: 'device/resync',
    label: 'Ask for a keyframe',
    title: 'Asks the device for a keyframe now, whatever the budgets say',
    done: 'The device was asked for a keyframe.',
  },
  {
    verb: 'circuit/open',
    label: 'Open the circuit',
    title: 'Skips its frames for the recovery time',
    done: 'The circuit is open.',
  },
  {
    verb: 'circuit/close',
    label: 'Close the circuit',
    title: 'Decodes its frames again at once',
    done: 'The circuit is closed.',
  },
  {
    verb: 'circuit/reset',
    label: 'Reset the circuit',
    title: 'Closes its circuit, and forgets that it was ever open',
    done: 'The circuit is as new.',
  },
]

const AFTER_A_QUESTION: readonly Destructive[] = [
  {
    verb: 'device/reset',
    label: 'Forget its state …',
    title: 'Forgets what is known of its encoder, and its counters',
    done: 'What was known of the device is forgotten.',
    confirm:
      'What is known of its encoder is forgotten, and its counters begin anew: until its next keyframe its readings are not certain.',
  },
  {
    verb: 'device/replace',
    label: 'Hardware was replaced …',
    title: 'Another piece of hardware has its place',
    done: 'The device begins anew.',
    confirm:
      'Another piece of hardware has the place of this device: nothing that was known of the old one holds, and a new epoch begins.',
  },
  {
    verb: 'device/remove',
    label: 'Remove …',
    title: 'Takes the device out, and clears what is retained of it',
    done: 'The device is removed.',
    confirm:
      'The device is taken out, and nothing of it stays with the broker. Its frames are not decoded any more.',
  },
]

/** What an admin can have done with a device. */
export const DeviceActions = ({ row }: { readonly row: DeviceRow }) => {
  const [asking, begin] = useAsking()
  const [open, setOpen] = useState<Destructive | 'rename'>()
  const isBusy = asking.state === 'asked'
  const { id } = row
  const act = ({ verb, done }: Plain) =>
    void begin({ verb, input: { device: id }, words: () => done })
  const rename = async ({ to = id, name }: Readonly<Record<string, string>>) => {
    const input = { device: id, to, ...(name !== undefined && { name }) }
    const outcome = await begin({
      ...{ verb: 'device/rename', input },
      words: () => 'The device has its new name.',
    })
    if (outcome.ok && to !== id) window.location.hash = deviceHref(to)
  }
  return (
    <section class="panel actions" aria-label="Actions">
      <h2>Actions</h2>
      <div class="buttons">
        {AT_ONCE.map((one) => (
          <button
            key={one.verb}
            type="button"
            class="button"
            title={one.title}
            disabled={isBusy}
            onClick={() => act(one)}
          >
            {one.label}
          </button>
        ))}
        <button
          type="button"
          class="button"
          title="Gives it another name for people, or another id"
          disabled={isBusy}
          onClick={() => setOpen('rename')}
        >
          Rename …
        </button>
        {AFTER_A_QUESTION.map((one) => (
          <button
            key={one.verb}
            type="button"
            class="button button-warn"
            title={one.title}
            disabled={isBusy}
            onClick={() => setOpen(one)}
          >
            {one.label}
          </button>
        ))}
      </div>
      <Result asking={asking} />
      {open === 'rename' && (
        <Dialog
          title={`Rename ${id}`}
          verb="Rename"
          onConfirm={(fields) => void rename(fields)}
          onClose={() => setOpen(undefined)}
        >
          <label class="field">
            <span>Name for people</span>
            <input name="name" maxLength={128} defaultValue={row.name ?? ''} autocomplete="off" />
          </label>
          <label class="field">
            <span>Id, as topics have it</span>
            <input name="to" maxLength={64} defaultValue={id} required autocomplete="off" />
          </label>
          <p class="hint">
            Under another id its readings go to other topics. The sensor goes on sending under the
            old one.
          </p>
        </Dialog>
      )}
      {open !== undefined && open !== 'rename' && (
        <Dialog
          title={`${open.label.replace(' …', '')}: ${id}`}
          verb={open.label.replace(' …', '')}
          destructive
          onConfirm={() => act(open)}
          onClose={() => setOpen(undefined)}
        >
          <p>{open.confirm}</p>
        </Dialog>
      )}
    </section>
  )
}
