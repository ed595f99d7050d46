import uPlot from 'uplot'
import type { Points } from '../store/device-store.js'
import { type Band, type ChartData, chartData, isolated, rangeOf } from './chart-data.js'

interface Colours {
  readonly line: string
  readonly band: string
  readonly uncertain: string
  readonly bad: string
  readonly grid: string
  readonly text: string
  readonly panel: string
}

const HEIGHT = 172
const HATCH = 7
/** A single doubt among thousands of readings is still to be seen. */
const LEAST_WIDTH = 4

/** The course of one channel: a line of good values, a band of bounds, hatched where a value is not certain. */
export class Chart {
  readonly #place: HTMLElement
  readonly #index: number
  readonly #colours: Colours
  readonly #plot: uPlot
  readonly #observer: ResizeObserver
  readonly #hatches: Readonly<Record<'uncertain' | 'bad', CanvasPattern | null>>
  #data: ChartData = { at: [], good: [], uncertain: [], bands: [], breaks: [] }

  /** `onPoint` hears which reading is under the pointer; none when it has left. */
  constructor(place: HTMLElement, index: number, onPoint: (at: number | undefined) => void) {
    this.#place = place
    this.#index = index
    this.#colours = coloursOf(place)
    this.#hatches = {
      uncertain: hatch(this.#colours.uncertain),
      bad: hatch(this.#colours.bad),
    }
    this.#plot = new uPlot(this.#options(onPoint), [[], [], []], place)
    this.#observer = new ResizeObserver(() =>
      this.#plot.setSize({ width: place.clientWidth, height: HEIGHT }),
    )
    this.#observer.observe(place)
  }

  show(points: Points): void {
    this.#data = chartData(points, this.#index)
    const { at, good, uncertain } = this.#data
    // What was zoomed into stays.
    this.#plot.setData([[...at], [...good], [...uncertain]], !this.#isZoomed())
    if (this.#isZoomed()) this.#plot.redraw(false)
  }

  close(): void {
    this.#observer.disconnect()
    this.#plot.destroy()
  }

  #isZoomed(): boolean {
    const { min, max } = this.#plot.scales.x ?? {}
    const [times] = this.#plot.data
    const [first, last] = [times?.[0], times?.at(-1)]
    if (min == null || max == null || first === undefined || last === undefined) return false
    return min > first + 1e-3 || max < last - 1e-3
  }

  #options(onPoint: (at: number | undefined) => void): uPlot.Options {
    const { line, uncertain, grid, text, panel } = this.#colours
    const axis = {
      stroke: text,
      font: '11px system-ui, sans-serif',
      grid: { stroke: grid, width: 1 },
      ticks: { stroke: grid, width: 1, size: 4 },
    }
    return {
      width: this.#place.clientWidth || 400,
      height: HEIGHT,
      legend: { show: false },
      padding: [8, 10, 0, 0],
      cursor: {
        y: false,
        sync: { key: 'device' },
        points: { size: 8, fill: line, stroke: panel, width: 2 },
      },
      scales: { x: { time: true }, y: { range: () => rangeOf(this.#visible()) } },
      axes: [
        { ...axis, size: 26, values: '{HH}:{mm}:{ss}', space: 76 },
        { ...axis, size: 52, space: 32 },
      ],
      series: [
        {},
        {
          stroke: line,
          width: 1.8,
          points: {
            size: 5,
            fill: line,
            stroke: line,
            // Where there are too many for dots, those stay that have no line.
            filter: (plot, series, all) => (all ? null : isolated([...(plot.data[series] ?? [])])),
          },
        },
        {
          stroke: uncertain,
          width: 0,
          paths: () => null,
          points: { show: true, size: 7, width: 1.6, fill: panel, stroke: uncertain },
        },
      ],
      hooks: {
        drawAxes: [(plot) => this.#paint(plot)],
        setCursor: [
          ({ cursor }) => {
            const { idx, left = -1 } = cursor
            onPoint(left >= 0 && typeof idx === 'number' ? idx : undefined)
          },
        ],
      },
    }
  }

  /** Of what is zoomed into, all that is seen. */
  #visible(): ChartData {
    if (!this.#isZoomed()) return this.#data
    const { min = 0, max = 0 } = this.#plot.scales.x ?? {}
    const isIn = (time: number) => time >= (min ?? 0) && time <= (max ?? 0)
    const { at, good, uncertain, bands, breaks } = this.#data
    const seen = <T>(column: readonly T[]) => column.filter((_, i) => isIn(at[i] ?? 0))
    return {
      at: seen(at),
      good: seen(good),
      uncertain: seen(uncertain),
      bands: bands.filter(({ from, to }) => isIn(from) || isIn(to)),
      breaks,
    }
  }

  /** What lies under the line: the bounds, and where frames are missing. */
  #paint(plot: uPlot): void {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    for (const { at, kind } of this.#data.breaks) {
      const x = Math.round(plot.valToPos(at, 'x', true))
      ctx.strokeStyle = this.#colours.text
      ctx.lineWidth = kind === 'epoch' ? 1.5 : 1
      ctx.setLineDash(kind === 'epoch' ? [] : [3, 4])
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
    }
    ctx.setLineDash([])
    for (const band of this.#data.bands) this.#paintBand(plot, band)
    ctx.restore()
  }

  #paintBand(plot: uPlot, { from, to, quality, lo, hi }: Band): void {
    const { ctx, bbox } = plot
    const centre = plot.valToPos((from + to) / 2, 'x', true)
    const half = Math.max(plot.valToPos(to, 'x', true) - centre, LEAST_WIDTH / 2)
    const [left, right] = [centre - half, centre + half]
    const top = hi === null ? bbox.top : plot.valToPos(hi, 'y', true)
    const bottom = lo === null ? bbox.top + bbox.height : plot.valToPos(lo, 'y', true)
    // One that is thinner than a line is still to be seen.
    const height = Math.max(bottom - top, 3)
    const y = bottom - top < 3 ? (top + bottom) / 2 - 1.5 : top
    ctx.fillStyle =
      quality === 'good' ? this.#colours.band : (this.#hatches[quality] ?? this.#colours.band)
    ctx.fillRect(left, y, right - left, height)
    if (quality === 'good') return
    ctx.strokeStyle = quality === 'bad' ? this.#colours.bad : this.#colours.uncertain
    ctx.lineWidth = 1
    ctx.beginPath()
    ctx.moveTo(left, y)
    ctx.lineTo(right, y)
    ctx.moveTo(left, y + height)
    ctx.lineTo(right, y + height)
    ctx.stroke()
  }
}

function coloursOf(place: HTMLElement): Colours {
  const style = getComputedStyle(place)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    line: of('--chart-line'),
    band: of('--chart-band'),
    uncertain: of('--chart-uncertain'),
    bad: of('--chart-bad'),
    grid: of('--chart-grid'),
    text: of('--text-quiet'),
    panel: of('--panel'),
  }
}

/** Slanted lines of a colour. */
function hatch(colour: string): CanvasPattern | null {
  const size = HATCH * Math.max(1, Math.round(window.devicePixelRatio))
  const canvas = document.createElement('canvas')
  canvas.width = size
  canvas.height = size
  const ctx = canvas.getContext('2d')
  if (!ctx) return null
  ctx.strokeStyle = colour
  ctx.globalAlpha = 0.75
  ctx.lineWidth = size / 5
  for (const shift of [-size, 0, size]) {
    ctx.beginPath()
    ctx.moveTo(shift - 1, size + 1)
    ctx.lineTo(shift + size + 1, -1)
    ctx.stroke()
  }
  return ctx.createPattern(canvas, 'repeat')
}
