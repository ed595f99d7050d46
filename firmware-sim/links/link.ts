/** A downlink for a device, unwrapped. */
export type OnDownlink = (device: string, bytes: Uint8Array) => void

export interface LinkCounters {
  readonly framesSent: number
  /** Bytes that went out, wrapping and noise included. */
  readonly bytesSent: number
  /** Frames that found the way closed or jammed: a device keeps nothing. */
  readonly unsent: number
  readonly downlinks: number
  /** Downlinks for an address or a topic that no device here answers to. */
  readonly strayDownlinks: number
}

/** The way of some devices' frames into a bridge, and of its downlinks back. */
export interface Link {
  readonly id: string
  /** What the bridge opens: a terminal's path, `tcp://host:port`, a broker's URL; undefined while closed. */
  readonly address: string | undefined
  readonly counters: LinkCounters
  /** Why nothing gets through at present, for people; undefined where something should. */
  readonly trouble?: string | undefined
  /** Resolves when the first frames can get through, or it is stopped; absent where that is so once it is open. */
  readonly ready?: Promise<void>
  /** Opens it; rejects where the system does not let it. Safe to call twice. */
  start(onDownlink: OnDownlink): Promise<void>
  /** Resolves when it is closed and no downlink will come any more; it may be started again. */
  stop(): Promise<void>
  /** Sends a frame of a device on this link now, or drops and counts it. */
  send(device: string, frame: Uint8Array): void
}

/** Counts what goes over a link. */
export class LinkTally {
  framesSent = 0
  bytesSent = 0
  unsent = 0
  downlinks = 0
  strayDownlinks = 0

  snapshot(): LinkCounters {
    return {
      framesSent: this.framesSent,
      bytesSent: this.bytesSent,
      unsent: this.unsent,
      downlinks: this.downlinks,
      strayDownlinks: this.strayDownlinks,
    }
  }
}
