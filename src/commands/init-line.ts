import { type Clock, setRepeating } from '../clock.js'
import type { SerialSourceConfig } from '../config/index.js'
import { idleGapMs, wrapFrame } from '../framing/index.js'
import { type LineMatch, LineSurvey, surveyDevice } from '../survey/index.js'
import type { ByteLine, LineDoor, LineEnd } from '../transport/index.js'

/** How a port may be set. */
export type PortSetting = Pick<SerialSourceConfig, 'baudRate' | 'parity'>

export interface LineSearch {
  /** The ways to try, the most usual first. */
  readonly settings: readonly PortSetting[]
  readonly door: (setting: PortSetting) => LineDoor
  readonly clock: Clock
  /** How long to look for a setting by which anything makes sense. */
  readonly searchMs: number
  /** How long to listen once it does; shorter where nothing is left to find out. */
  readonly listenMs: number
  /** Whether devices are asked for a few keyframes, which show whole values. */
  readonly ask: boolean
  /** Aborted: make do with what is there. */
  readonly signal: AbortSignal
  readonly onProgress: (text: string) => void
}

export type LineCatch =
  | { readonly kind: 'match'; readonly setting: PortSetting; readonly match: LineMatch }
  /** Bytes that make no sense at any setting, or none at all. */
  | { readonly kind: 'nothing'; readonly bytes: number; readonly tried: readonly PortSetting[] }
  | { readonly kind: 'closed'; readonly end: LineEnd }

/** What the ports of small devices are usually set to, by how usual it is. */
const RATES = [115_200, 9600, 57_600, 38_400, 19_200, 230_400, 460_800, 921_600, 4800, 2400, 1200]
const RATES_WITH_PARITY = [19_200, 9600, 115_200, 38_400, 57_600]

export const usualSettings: readonly PortSetting[] = [
  ...RATES.map((baudRate): PortSetting => ({ baudRate, parity: 'none' })),
  ...(['even', 'odd'] as const).flatMap((parity) =>
    RATES_WITH_PARITY.map((baudRate): PortSetting => ({ baudRate, parity })),
  ),
]

const TICK_MS = 100
/** A pause that ends a transmission: longer than any within a frame. */
const QUIET_MS = 150
/** So many transmissions at a wrong setting are enough, where none looks like a frame … */
const ENOUGH_BURSTS = 2
/** … and where some do: they may be one, and the next count on from it. */
const MANY_BURSTS = 8
/** So long a silence at one setting, the first time round; longer each time, for devices that seldom send. */
const FIRST_DWELL_MS = 3000
const LONGER = 4
/** So many times longer where something came that may be a frame. */
const HOPE = 5
const PROGRESS_MS = 10_000
const ASK_EVERY_FRAMES = 3
const MOST_ASKED = 8
/** So many frames of a node show all that frames will ever show. */
const PLENTY = 400
const keyframeRequest = Uint8Array.of(0xff)

/** Tries the settings until one makes sense, and listens at it. Never throws; what cannot be opened is told. */
export async function searchLine(search: LineSearch): Promise<LineCatch> {
  const giveUpAt = search.clock.mono() + search.searchMs
  let bytes = 0
  const tried = new Set<PortSetting>()
  for (let dwellMs = FIRST_DWELL_MS; ; dwellMs *= LONGER) {
    for (const setting of search.settings) {
      const left = giveUpAt - search.clock.mono()
      if (left <= 0 || search.signal.aborted) return { kind: 'nothing', bytes, tried: [...tried] }
      tried.add(setting)
      const patience = search.settings.length === 1 ? left : Math.min(dwellMs, left)
      const attempt = new Attempt(search, setting, patience)
      const end = await attempt.listen()
      bytes += attempt.survey.bytes
      const { match } = attempt.survey
      if (match) return { kind: 'match', setting, match }
      if (end) return { kind: 'closed', end }
    }
  }
}

/** One opening of the port at one setting. */
class Attempt {
  readonly survey = new LineSurvey()
  readonly #search: LineSearch
  readonly #setting: PortSetting
  readonly #patienceMs: number
  readonly #gapMs: number
  readonly #asked = new Map<number, { times: number; atFrame: number }>()
  #line: ByteLine | undefined
  #openedAt = Number.POSITIVE_INFINITY
  #lastDataAt = 0
  #bursts = 0
  #resting = true
  #madeSenseAt: number | undefined
  #toldAt = 0
  #settledAtFrames = 0

  constructor(search: LineSearch, setting: PortSetting, patienceMs: number) {
    this.#search = search
    this.#setting = setting
    this.#patienceMs = patienceMs
    this.#gapMs = idleGapMs(setting.baudRate)
  }

  /** Resolves when nothing more is to be had here; with the reason, where the line ended by itself. */
  listen(): Promise<LineEnd | undefined> {
    const { clock, signal } = this.#search
    return new Promise((resolve) => {
      let leaving = false
      const leave = () => {
        leaving = true
        this.#line?.close()
      }
      const stopTicks = setRepeating(clock, TICK_MS, () => {
        if (!leaving && this.#isDone(clock.mono())) leave()
      })
      signal.addEventListener('abort', leave)
      this.#line = this.#search.door(this.#setting).open({
        onOpened: () => {
          this.#openedAt = clock.mono()
          if (leaving) leave()
        },
        onData: (chunk) => this.#take(chunk, clock.mono()),
        readDelayMs: () => 0,
        onClosed: (end) => {
          stopTicks()
          signal.removeEventListener('abort', leave)
          resolve(leaving ? undefined : end)
        },
      })
      if (signal.aborted) leave()
    })
  }

  #take(chunk: Uint8Array, now: number): void {
    if (!this.#resting && now - this.#lastDataAt >= this.#gapMs) this.survey.rest()
    this.survey.push(chunk, now)
    this.#lastDataAt = now
    this.#resting = false
  }

  #isDone(now: number): boolean {
    if (!this.#resting && now - this.#lastDataAt >= QUIET_MS) {
      this.#resting = true
      this.#bursts++
      this.survey.rest()
    }
    if (this.#madeSenseAt === undefined && this.survey.makesSense) {
      this.#madeSenseAt = now
      this.#toldAt = now
      this.#tell()
    }
    if (this.#madeSenseAt !== undefined) {
      this.#askAll()
      this.#tellProgress(now)
      return now - this.#madeSenseAt >= this.#search.listenMs || this.#isSettled()
    }
    const hopeful = this.survey.mayMakeSense
    if (this.#search.settings.length > 1 && this.#bursts >= (hopeful ? MANY_BURSTS : ENOUGH_BURSTS))
      return true
    return now - this.#openedAt >= this.#patienceMs * (hopeful ? HOPE : 1)
  }

  #tell(): void {
    const { match } = this.survey
    if (!match) return
    const { framing, crc, address } = match.format
    const words = [framing, crc === 'none' ? 'no CRC' : crc]
    if (address === 'byte') words.push('an address byte')
    this.#search.onProgress(`it makes sense: ${words.join(', ')}`)
  }

  #tellProgress(now: number): void {
    if (now - this.#toldAt < PROGRESS_MS) return
    this.#toldAt = now
    const { match } = this.survey
    if (!match) return
    const nodes = byAddress(match).size
    this.#search.onProgress(
      `${match.sightings.length} frames${nodes > 1 ? ` of ${nodes} nodes` : ''}; Ctrl-C ends it with what is known`,
    )
  }

  /** A keyframe shows whole values: a few of them tell more than minutes of deltas. */
  #askAll(): void {
    const { match } = this.survey
    if (!this.#search.ask || !match) return
    for (const [address, frames] of byAddress(match)) {
      const isCompact = frames.every(({ bytes }) => bytes[0] === 0xa1 || bytes[0] === 0xa2)
      const asked = this.#asked.get(address) ?? { times: 0, atFrame: 0 }
      if (!isCompact || asked.times >= MOST_ASKED) continue
      if (frames.length < asked.atFrame + ASK_EVERY_FRAMES) continue
      if (asked.times === 0) {
        const who = address < 0 ? '' : `node ${address} `
        this.#search.onProgress(`asks ${who}for ${MOST_ASKED} keyframes`)
      }
      this.#asked.set(address, { times: asked.times + 1, atFrame: frames.length })
      this.#line?.write(wrapFrame(match.format, keyframeRequest, address))
    }
  }

  /** Whether more frames would tell nothing new; looked at as their number grows by half. */
  #isSettled(): boolean {
    const { match } = this.survey
    if (!match || match.sightings.length < Math.max(64, 1.5 * this.#settledAtFrames)) return false
    this.#settledAtFrames = match.sightings.length
    return [...byAddress(match).values()].every((frames) => {
      if (frames.length >= PLENTY) return true
      const survey = surveyDevice(frames)
      return (
        survey !== undefined &&
        survey.profile.confidence === 'certain' &&
        survey.keyframeInterval?.confidence !== 'unknown' &&
        survey.channels.every(({ resolution }) => resolution.confidence === 'certain')
      )
    })
  }
}

/** The frames of each node on a line. */
export function byAddress({ sightings }: LineMatch): ReadonlyMap<number, LineMatch['sightings']> {
  const nodes = new Map<number, LineMatch['sightings'][number][]>()
  for (const sighting of sightings) {
    const node = nodes.get(sighting.address)
    if (node) node.push(sighting)
    else nodes.set(sighting.address, [sighting])
  }
  return new Map([...nodes].sort(([a], [b]) => a - b))
}
