import { useEffect, useState } from 'preact/hooks'
import type { FrameMessage } from '../../http/feed/messages.js'
import type { Inspector } from '../inspect/inspector.jsx'
import { Icon, type Shape } from '../parts/icons.jsx'
import type { DeviceStore } from '../store/device-store.js'
import { clockText } from '../words.js'

/** The codec comes with the inspector, once somebody wants it. */
const loadInspector = async () => (await import('../inspect/inspector.jsx')).Inspector

/** Frames that a list of them shows. */
const SHOWN = 60

/** The latest frames of a device, and any frame taken apart: one of them, or one that is pasted. */
export const FramesPanel = ({ device }: { readonly device: DeviceStore }) => {
  const [chosen, setChosen] = useState<FrameMessage>()
  const [pasted, setPasted] = useState('')
  const [Loaded, setLoaded] = useState<{ readonly Inspector: typeof Inspector }>()
  const isWanted = chosen !== undefined || pasted !== ''
  useEffect(() => {
    if (!isWanted || Loaded) return
    void loadInspector().then((loaded) => setLoaded({ Inspector: loaded }))
  }, [isWanted, Loaded])
  const choose = (frame: FrameMessage) => {
    setPasted('')
    setChosen(frame)
  }
  return (
    <section class="panel frames" aria-label="Frames">
      <h2>Frames</h2>
      <div class="frames-body">
        <div class="frames-list" role="group" aria-label="Latest frames, the newest first">
          {device.frames.length === 0 && <p class="nothing">No frame yet.</p>}
          {device.frames
            .slice(-SHOWN)
            .toReversed()
            .map((frame) => (
              <button
                key={frame.number}
                type="button"
                class="frame"
                aria-pressed={chosen?.number === frame.number && pasted === ''}
                disabled={frame.hex === ''}
                onClick={() => choose(frame)}
              >
                <time>{clockText(frame.at)}</time>
                <Outcome frame={frame} />
                <code>
                  {frame.hex === '' ? `${frame.length} bytes, too long to keep` : frame.hex}
                </code>
              </button>
            ))}
        </div>
        <div class="inspector">
          <label class="paste">
            <span>Take a frame apart: click one, or paste its hexadecimal digits</span>
            <textarea
              rows={2}
              spellcheck={false}
              autocomplete="off"
              placeholder="a1 00 00 00 00 0f 41 ab 33 33 42 40 00 00"
              value={pasted === '' ? (chosen?.hex ?? '') : pasted}
              onInput={({ currentTarget }) => {
                setChosen(undefined)
                setPasted(currentTarget.value)
              }}
            />
          </label>
          {!isWanted && (
            <p class="empty">
              A frame is taken apart here by the codec itself: its bytes, its fields, and how each
              value follows from the frames before it.
            </p>
          )}
          {isWanted && Loaded && device.device && (
            <Loaded.Inspector
              device={device.device}
              frames={device.frames}
              chosen={chosen}
              pasted={pasted}
            />
          )}
        </div>
      </div>
    </section>
  )
}

const OUTCOMES: Readonly<Record<FrameMessage['verdict'], Shape>> = {
  readings: 'healthy',
  fault: 'unhealthy',
  skipped: 'stopped',
}

const Outcome = ({ frame }: { readonly frame: FrameMessage }) => {
  const { verdict, quality, what } = frame
  const shape = quality === 'uncertain' ? 'degraded' : OUTCOMES[verdict]
  const tone = verdict === 'fault' ? 'bad' : quality === 'uncertain' ? 'warn' : 'none'
  return (
    <span class={`state tone-${tone}`}>
      <Icon shape={shape} />
      {verdict === 'readings' ? (quality === 'good' ? what : `${what}, ${quality}`) : what}
    </span>
  )
}
