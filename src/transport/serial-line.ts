import type { SerialPort } from 'serialport'
import { type Clock, setRepeating, type Undo } from '../clock.js'
import type { SerialSourceConfig } from '../config/configuration.js'
import {
  type ByteLine,
  closedByUs,
  type LineDoor,
  type LineEnd,
  type LineHandlers,
} from './line-door.js'
import { codeOf, troubleOf } from './line-trouble.js'
import type { SerialPortFinder } from './serial-port-finder.js'

export type SerialSettings = Pick<
  SerialSourceConfig,
  'baudRate' | 'dataBits' | 'parity' | 'stopBits' | 'flowControl'
>

const PROBE_MS = 500
/** Codes by which the system says that a port it still holds open has lost its hardware. */
const HUNG_UP: readonly string[] = ['EIO', 'ENODEV', 'ENXIO', 'EBADF']

type PortFor = (path: string) => SerialPort | Promise<SerialPort>

/** The way to a serial port, which is looked for anew at every opening. */
export function serialDoor(
  finder: SerialPortFinder,
  settings: SerialSettings,
  clock: Clock,
  portFor: PortFor = (path) => serialPort(path, settings),
): LineDoor {
  return {
    address: finder.address,
    open: (handlers) => new SerialLine(finder, portFor, clock, handlers),
  }
}

async function serialPort(path: string, settings: SerialSettings): Promise<SerialPort> {
  // Read where it is used: a bridge without lines does not need it.
  const library = await import('serialport')
  const { baudRate, dataBits, parity, stopBits, flowControl } = settings
  return new library.SerialPort({
    path,
    baudRate,
    dataBits,
    parity,
    stopBits,
    rtscts: flowControl === 'rtscts',
    xon: flowControl === 'xonxoff',
    xoff: flowControl === 'xonxoff',
    // A second reader would get half of the bytes.
    lock: true,
    // Many boards reset when DTR falls at closing: where 'stty -hupcl' keeps it up, so do we.
    hupcl: false,
    autoOpen: false,
    // A terminal hands out 4 KiB at most; the default is a pool of 64 KiB for each port.
    highWaterMark: 16_384,
  })
}

class SerialLine implements ByteLine {
  readonly #clock: Clock
  readonly #handlers: LineHandlers
  #path: string
  #port: SerialPort | undefined
  #phase: 'opening' | 'open' | 'closing' | 'closed' = 'opening'
  #end: LineEnd | undefined
  #stopProbe: Undo = () => {}
  #cancelRead: Undo = () => {}

  constructor(finder: SerialPortFinder, portFor: PortFor, clock: Clock, handlers: LineHandlers) {
    this.#clock = clock
    this.#handlers = handlers
    this.#path = finder.address
    void this.#find(finder, portFor)
  }

  get backlog(): number {
    return this.#port?.writableLength ?? 0
  }

  write(bytes: Uint8Array, onTaken?: () => void): boolean {
    const port = this.#port
    // What is written to a port that is no longer open the library keeps for ever, and says nothing.
    if (this.#end || !port?.isOpen) return false
    port.write(bytes, (error) => {
      if (!error) onTaken?.()
    })
    return true
  }

  close(): void {
    this.#shut(closedByUs)
  }

  async #find(finder: SerialPortFinder, portFor: PortFor): Promise<void> {
    const finding = await finder.find()
    if (this.#end || !finding.ok) {
      this.#finish(finding.ok ? closedByUs : finding.end)
      return
    }
    this.#path = finding.path
    try {
      const port = await portFor(finding.path)
      if (this.#end) this.#finish(closedByUs)
      else this.#open(port)
    } catch (error) {
      this.#finish(troubleOf(error, finding.path, 'EINVAL'))
    }
  }

  #open(port: SerialPort): void {
    this.#port = port
    // Without a listener a failed write or close would end the process.
    port.on('error', (error) => this.#onError(port, error))
    port.on('close', () => this.#onClose(port))
    port.open((error) => {
      if (error) {
        this.#finish(troubleOf(error, this.#path))
        return
      }
      this.#phase = 'open'
      if (this.#end) {
        this.#closePort(port)
        return
      }
      port.on('data', (chunk: Uint8Array) => {
        if (!this.#end) this.#handlers.onData(chunk)
      })
      this.#pace(port)
      this.#watch(port)
      this.#handlers.onOpened()
    })
  }

  /** Reads less often where that is all the same: each read costs as much as cutting a kilobyte. */
  // measured: noise at 921 600 baud costs 6 % of a core where every byte is read as it comes, 3 % so.
  #pace(port: SerialPort): void {
    const read = port._read.bind(port)
    port._read = (size) => {
      const delayMs = this.#handlers.readDelayMs()
      if (delayMs === 0) read(size)
      else this.#cancelRead = this.#clock.setTimer(delayMs, () => read(size))
    }
  }

  /**
   * Asks the system twice a second whether the port still has its hardware. Where a port is unplugged in
   * the middle of a read, the library reads "nothing" at full speed for ever and never says that it closed.
   */
  #watch(port: SerialPort): void {
    // measured: 3 of 25 hang-ups under full load end like that.
    this.#stopProbe = setRepeating(this.#clock, PROBE_MS, () => {
      port.port?.getBaudRate().catch((error: unknown) => {
        if (HUNG_UP.includes(codeOf(error))) this.#shut(this.#disconnected())
      })
    })
  }

  #onError(port: SerialPort, error: Error): void {
    // Where the port cannot even be closed, no 'close' follows.
    if (this.#phase !== 'opening' && !port.isOpen && !port.closing)
      this.#finish(this.#disconnected())
    else if (HUNG_UP.includes(codeOf(error))) this.#shut(this.#disconnected())
    else this.#shut(troubleOf(error, this.#path))
  }

  #onClose(port: SerialPort): void {
    // A failed write ends the stream, and says so, before the port itself is closed.
    if (port.isOpen) this.#shut(this.#disconnected())
    else if (!port.closing) this.#finish(this.#disconnected())
  }

  #shut(end: LineEnd): void {
    this.#end ??= end
    // While it opens, nothing can be closed: whoever opens it looks for `#end` then.
    if (this.#port && this.#phase === 'open') this.#closePort(this.#port)
  }

  #closePort(port: SerialPort): void {
    this.#phase = 'closing'
    this.#stopProbe()
    this.#cancelRead()
    if (port.closing) return
    // Closing waits up to 30 s for bytes that the other side does not take; they are thrown away first.
    port.flush(() => port.close(() => this.#onClose(port)))
  }

  #finish(end: LineEnd): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#stopProbe()
    this.#cancelRead()
    this.#handlers.onClosed(this.#end ?? end)
  }

  #disconnected(): LineEnd {
    return { code: 'disconnected', reason: `${this.#path} is gone: unplugged?` }
  }
}
