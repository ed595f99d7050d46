/** How bytes become levels on a wire: start bit, data bits from the lowest on, parity, stop bits. */
export interface UartSettings {
  readonly baudRate: number
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  readonly stopBits: 1 | 2
}

export const uart8n1 = (baudRate: number): UartSettings => ({
  baudRate,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
})

export interface UartCounters {
  readonly sent: number
  readonly received: number
  /** Bytes without a stop bit where one should be: the settings differ, or the line is held low. */
  readonly framingErrors: number
  readonly parityErrors: number
}

/**
 * What a receiver makes of bytes that were sent at other settings: it waits for a falling edge, then looks at
 * the middle of each of its own bits. A byte with an error is left out, as a terminal set to ignore them
 * (IGNPAR, as the serial library sets it) does.
 */
export class UartWire {
  readonly #sender: UartSettings
  readonly #receiver: UartSettings
  /** Bits of the sender that the receiver sees in one of its own. */
  readonly #ratio: number
  /** Levels not dealt with yet, one for each bit of the sender. */
  #levels: number[] = []
  /** Where the receiver stands in them. */
  #at = 0
  #wasHigh = true
  readonly #counters = { sent: 0, received: 0, framingErrors: 0, parityErrors: 0 }

  constructor(sender: UartSettings, receiver: UartSettings) {
    this.#sender = sender
    this.#receiver = receiver
    this.#ratio = sender.baudRate / receiver.baudRate
  }

  /** A copy. */
  get counters(): UartCounters {
    return { ...this.#counters }
  }

  /** Sends bytes back to back; returns what has been received by then. */
  send(bytes: Uint8Array): Uint8Array {
    for (const byte of bytes) this.#modulate(byte)
    this.#counters.sent += bytes.length
    return this.#sample()
  }

  /** Leaves the line alone for so long: high, as between frames, or low, as where a plug is half in. */
  rest(ms: number, level: 0 | 1 = 1): Uint8Array {
    const bits = Math.round((ms * this.#sender.baudRate) / 1000)
    for (let i = 0; i < bits; i++) this.#levels.push(level)
    return this.#sample()
  }

  #modulate(byte: number): void {
    const { dataBits, parity, stopBits } = this.#sender
    this.#levels.push(0)
    for (let bit = 0; bit < dataBits; bit++) this.#levels.push((byte >> bit) & 1)
    if (parity !== 'none') this.#levels.push(parityOf(byte, dataBits, parity))
    for (let i = 0; i < stopBits; i++) this.#levels.push(1)
  }

  #sample(): Uint8Array {
    const { dataBits, parity } = this.#receiver
    const bits = 1 + dataBits + (parity === 'none' ? 0 : 1)
    const out: number[] = []
    while (this.#findEdge()) {
      const stopAt = this.#middleOf(bits)
      if (stopAt >= this.#levels.length) break
      // Too short to be a start bit: a glitch.
      if (this.#levelAt(this.#middleOf(0)) === 0) this.#receive(dataBits, parity, stopAt, out)
      this.#wasHigh = this.#levelAt(stopAt) === 1
      this.#at = stopAt
    }
    this.#forget()
    this.#counters.received += out.length
    return Uint8Array.from(out)
  }

  #receive(dataBits: number, parity: UartSettings['parity'], stopAt: number, out: number[]): void {
    let byte = 0
    for (let bit = 0; bit < dataBits; bit++) {
      byte |= this.#levelAt(this.#middleOf(1 + bit)) << bit
    }
    const expected = parity === 'none' ? -1 : parityOf(byte, dataBits, parity)
    if (this.#levelAt(stopAt) === 0) this.#counters.framingErrors++
    else if (expected >= 0 && this.#levelAt(this.#middleOf(1 + dataBits)) !== expected)
      this.#counters.parityErrors++
    else out.push(byte)
  }

  /** Moves to where the line falls; false where it does not. */
  #findEdge(): boolean {
    for (let i = Math.ceil(this.#at); i < this.#levels.length; i++) {
      const isHigh = this.#levels[i] === 1
      if (this.#wasHigh && !isHigh) {
        this.#at = i
        return true
      }
      this.#wasHigh = isHigh
      this.#at = i + 1
    }
    return false
  }

  /** The middle of the receiver's bit behind the edge that it stands at. */
  #middleOf(bit: number): number {
    return this.#at + (bit + 0.5) * this.#ratio
  }

  #levelAt(time: number): number {
    return this.#levels[Math.floor(time)] ?? 1
  }

  #forget(): void {
    const done = Math.min(Math.floor(this.#at), this.#levels.length)
    this.#levels = this.#levels.slice(done)
    this.#at -= done
  }
}

function parityOf(byte: number, dataBits: number, parity: 'even' | 'odd'): number {
  let ones = 0
  for (let bit = 0; bit < dataBits; bit++) ones += (byte >> bit) & 1
  return parity === 'even' ? ones & 1 : (ones & 1) ^ 1
}
