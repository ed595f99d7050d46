import { connect, type Socket } from 'node:net'

/** A socket to a broker that says whatever it is told to. */
export class RawClient {
  readonly socket: Socket
  /** Resolves once the connection has ended, whoever ended it. */
  readonly closed: Promise<void>
  #received: Buffer[] = []
  #onData = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk)
      this.#onData()
    })
  }

  static open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1')
    const client = new RawClient(socket)
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(client))
      socket.once('error', reject)
    })
  }

  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable
  }

  /** Resolves once the system has taken it, or the connection is gone. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isOpen) resolve()
      else this.socket.write(bytes, () => resolve())
    })
  }

  /** Resolves once so many bytes have come; rejects where the connection ends or `limitMs` pass before. */
  async bytes(count: number, limitMs = 5000): Promise<Buffer> {
    let timer: NodeJS.Timeout | undefined
    const come = new Promise<void>((resolve) => {
      this.#onData = () => this.received.length >= count && resolve()
      this.#onData()
    })
    const ended = this.closed.then(() => {
      if (this.received.length < count) throw new Error('the connection ended before')
    })
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no ${count} bytes in ${limitMs} ms`)), limitMs)
    })
    await Promise.race([come, ended, late]).finally(() => clearTimeout(timer))
    return this.received
  }

  /** Whether something came, or the connection ended, before `limitMs` pass. */
  answered(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const come = new Promise<boolean>((resolve) => {
      this.#onData = () => resolve(true)
      timer = setTimeout(() => resolve(false), limitMs)
    })
    return Promise.race([come, this.closed.then(() => true)]).finally(() => clearTimeout(timer))
  }

  /** Whether the other side has ended the connection before `limitMs` pass. */
  async isSentAway(limitMs = 5000): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs)
    })
    return Promise.race([this.closed.then(() => true), late]).finally(() => clearTimeout(timer))
  }

  /** Reads nothing more, as a program that hangs. */
  freeze(): void {
    this.socket.pause()
  }

  close(): void {
    this.socket.destroy()
  }
}
