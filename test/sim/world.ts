import { Random } from '../../firmware-sim/index.js'
import type { Configuration } from '../../src/config/index.js'
import type { OutgoingMessage } from '../../src/transport/broker-port.js'
import { Agenda, quiet } from './agenda.js'
import { Computer, type Ending } from './computer.js'
import { channelName, Declarations, type Wording, wordings } from './declarations.js'
import { Draws, drawnByTime } from './draws.js'
import { hasPeople } from './fault-kinds.js'
import { FaultSchedule, type Faults } from './fault-schedule.js'
import { frameKey } from './journal-witness.js'
import type { Life } from './life.js'
import { Names } from './names.js'
import { People } from './people.js'
import type { DevicePlan, Plan } from './plan.js'
import { Refusals } from './refusals.js'
import { SimBroker } from './sim-broker.js'
import type { SimConnection } from './sim-connection.js'
import { type Sending, SimDevice } from './sim-device.js'
import { type DeliveredReadings, droppedIn, readingsIn, Subscriber } from './subscriber.js'
import { Trace } from './trace.js'
import { falsehood, namesIn, type ReadingsDocument, Truth } from './truth.js'
import { layWire, type Wire } from './wires.js'

const START = Date.UTC(2026, 0, 1)
/** On a wire a frame may be completed by what follows it, where its own last byte was lost. */
const LINE_SLACK_MS = 3000
const LINE_SLACK_INTERVALS = 20
const BIRTH_MESSAGES_PER_DEVICE = 4
const MOST_REJECTED = 0.1
const FLOOD_MESSAGES = 600
const FLOOD_PERIOD_MS = 10

export interface Violation {
  readonly atMs: number
  readonly what: string
}

/** The simulated world around one bridge: devices, wires, a broker, a machine, and who listens. */
export class World implements Faults {
  readonly plan: Plan
  readonly agenda: Agenda
  readonly trace: Trace
  readonly configuration: Configuration
  readonly broker: SimBroker
  readonly subscriber: Subscriber
  readonly devices: readonly SimDevice[]
  readonly computer: Computer
  readonly horizonMs: number
  readonly refusals: Refusals
  readonly people: People
  readonly #names: Names
  readonly #truth = new Truth()
  readonly #random: Random
  readonly #wires: ReadonlyMap<string, Wire>
  readonly #schedule: FaultSchedule
  /** What it means that a payload comes to the bridge. */
  readonly #arrivals = new WeakMap<Uint8Array, () => void>()
  #violation: Violation | undefined
  #wallOffset = 0
  #healed = false
  #sending = true

  constructor(plan: Plan) {
    this.plan = plan
    this.horizonMs = plan.horizonMs
    this.#random = new Random(plan.seed).fork('world')
    const ties = drawnByTime(this.#random.fork('ties'))
    this.agenda = new Agenda((time, nth) => (plan.steady ? 0 : ties(time, nth)))
    this.trace = new Trace(() => this.agenda.now)
    const declarations = new Declarations(plan)
    this.configuration = declarations.configuration
    const present = plan.devices.filter(({ node: { id } }) => id !== plan.absent)
    this.devices = present.map(
      (device) => new SimDevice(device, plan.strengths, this.#random.fork(device.node.id), START),
    )
    const rejected = (plan.strengths.get('rejections') ?? 0) * MOST_REJECTED
    this.refusals = new Refusals(rejected, () => this.#healed)
    this.subscriber = new Subscriber((name) => this.refusals.has(name))
    this.#names = new Names(present.map(({ node }) => node.id))
    this.people = new People({
      devices: present,
      isAsked: plan.strengths.has('requests'),
      declarations,
      names: this.#names,
      bridge: () => this.life,
      note: (what) => this.note(what),
    })
    this.broker = this.#createBroker()
    this.#wires = this.#layWires()
    this.computer = new Computer({
      plan,
      agenda: this.agenda,
      random: this.#random,
      declarations,
      names: this.#names,
      broker: this.broker,
      lines: [...this.#wires.values()],
      wall: () => this.wall(),
      isHealed: () => this.#healed,
      note: (what) => this.note(what),
      violated: (what) => this.violated(what),
    })
    this.#schedule = new FaultSchedule(this, plan.strengths, this.#random.fork('faults'))
  }

  /** The first of all. */
  get violation(): Violation | undefined {
    return this.#violation
  }

  get life(): Life | undefined {
    return this.computer.life
  }

  wall(): number {
    return Math.floor(START + this.agenda.now + this.#wallOffset)
  }

  note(what: string): void {
    this.trace.note(what)
  }

  /** Nothing goes on after this, so that whatever else is wrong may just follow from it. */
  violated(what: string): void {
    if (this.#violation) return
    this.note(`VIOLATION ${what}`)
    this.#violation = { atMs: this.agenda.now, what }
  }

  /** Switches everything on. */
  begin(): void {
    this.computer.start()
    for (const device of this.devices) this.#scheduleFrame(device)
    this.#schedule.start()
  }

  /** From now on nothing goes wrong. */
  heal(): void {
    this.note('healed')
    this.#healed = true
    this.#schedule.heal()
    if (hasPeople(this.plan.strengths)) this.people.settle()
    for (const device of this.devices) for (const late of device.heal()) this.#send(device, late)
  }

  /** The devices fall silent. */
  hush(): void {
    this.#sending = false
  }

  /** Lets time pass up to `untilMs`, or until something is violated. */
  async run(untilMs: number, afterEach: () => void): Promise<void> {
    await quiet()
    while (!this.#violation && this.agenda.next(untilMs)) {
      await quiet()
      afterEach()
    }
  }

  // Faults.

  cut(random: Random): void {
    this.broker.cut(['-in', '-out', undefined][random.below(3)])
  }

  stick(random: Random): void {
    this.broker.stick(['-in', '-out', undefined][random.below(3)])
  }

  outage(forgets: boolean): () => void {
    this.broker.goDown(forgets)
    return () => this.broker.comeUp()
  }

  refuse(code: number): () => void {
    this.broker.refuse(code)
    return () => this.broker.refuse(0)
  }

  shutOut(): () => void {
    this.broker.shutOut('-out')
    return () => this.broker.shutOut(undefined)
  }

  unplug(random: Random): () => void {
    const wires = [...this.#wires.values()]
    const wire = wires[random.below(wires.length)]
    wire?.line.unplug()
    return () => wire?.line.plugIn()
  }

  flood(random: Random): void {
    const { devices } = this.plan
    const chosen = devices[random.below(devices.length)]?.node.id
    const device = this.devices.find(({ id }) => id === chosen)
    if (!device) return
    for (let i = 0; i < FLOOD_MESSAGES; i++) {
      this.agenda.after(i * FLOOD_PERIOD_MS, () => {
        const sending = device.rave()
        if (sending) this.#send(device, sending)
      })
    }
  }

  freeze(ms: number): void {
    this.computer.freeze(ms)
  }

  stepWall(ms: number): void {
    this.#wallOffset += ms
  }

  fillDisk(): () => void {
    return this.computer.fillDisk()
  }

  end(how: Ending): () => void {
    return this.computer.end(how)
  }

  edit(random: Random): void {
    this.people.edit(random)
  }

  ask(random: Random): void {
    this.people.ask(random)
  }

  /** About what the bridge says at every connect: where it never got through with that, it would never say anything. */
  get #birthMessages(): number {
    return BIRTH_MESSAGES_PER_DEVICE * this.devices.length
  }

  #createBroker(): SimBroker {
    const { strengths, window, maxQueued, steady } = this.plan
    const latencies = new Draws(this.#random.fork('latency'))
    const acks = new Draws(this.#random.fork('ack loss'))
    const slow = (strengths.get('latency') ?? 0) * 2000
    const ackLoss = (strengths.get('ack-loss') ?? 0) * Math.min(0.05, 1 / this.#birthMessages)
    return new SimBroker({
      agenda: this.agenda,
      latencyMs: (way) =>
        steady ? 3 : latencies.for(way).exponential(this.#healed ? 3 : 3 + slow),
      window,
      maxQueued,
      onPublished: (message, by) => this.#heard(message, by),
      onReceived: ({ payload }) => this.#arrivals.get(payload)?.(),
      onReleased: ({ topic, payload }) => {
        const device = /^alec\/([^/]+)\/frame$/.exec(topic)?.[1]
        if (device !== undefined) this.computer.witness.promised.add(frameKey(device, payload))
      },
      breaksAtAck: (connection) =>
        ackLoss > 0 && !this.#healed && acks.for(connection).chance(ackLoss),
      refuses: (message) => this.refusals.refuses(message),
    })
  }

  #layWires(): ReadonlyMap<string, Wire> {
    const { agenda, plan } = this
    const { strengths } = plan
    return new Map(
      plan.lines.flatMap((line) => {
        const devices = this.devices.filter((device) => device.plan.line?.id === line.id)
        if (devices.length === 0) return []
        const random = this.#random.fork(line.id)
        return [[line.id, layWire({ plan: line, devices, strengths, agenda, random })]]
      }),
    )
  }

  #scheduleFrame(device: SimDevice): void {
    this.agenda.at(device.node.nextAt - START, () => {
      if (!this.#sending) return
      for (const sending of device.step()) this.#send(device, sending)
      this.#scheduleFrame(device)
    })
  }

  #send(device: SimDevice, sending: Sending): void {
    const { line, qos } = device.plan
    const wire = line && this.#wires.get(line.id)
    this.note(`${device.id} sends ${sending.what} ${sending.bytes.length}`)
    const arrives = (slackMs: number) => () => {
      if (!sending.frame) return
      const wall = this.wall()
      this.#truth.arrives(device.id, sending.frame, wall, wall + slackMs)
    }
    if (wire) {
      const ends = this.#healed ? wire.sound : wire.faulty
      const wrapped = ends.wrap(device.id, sending.bytes) ?? sending.bytes
      wire.line.carry(
        wrapped,
        arrives(LINE_SLACK_MS + LINE_SLACK_INTERVALS * device.plan.node.intervalMs),
      )
      return
    }
    const payload = sending.bytes
    this.#arrivals.set(payload, arrives(0))
    this.broker.take({ topic: `alec/${device.id}/frame`, payload, qos, retain: false })
  }

  /** The bridge, or a device, has published something. */
  #heard(message: OutgoingMessage, by: SimConnection | undefined): void {
    const command = /^alec\/([^/]+)\/command$/.exec(message.topic)
    if (command && typeof message.payload !== 'string') {
      const device = this.devices.find(({ id }) => id === command[1])
      const { payload } = message
      this.agenda.after(50, () => device?.node.receive(payload))
    }
    if (!by) return
    const readings = readingsIn(message)
    this.note(`< ${message.topic} ${String(message.payload).slice(0, 200)}`)
    if (readings) this.#check(readings, by)
    const dropped = droppedIn(message)
    if (dropped !== undefined) this.subscriber.takeDropped(dropped)
  }

  #check(readings: DeliveredReadings, by: SimConnection): void {
    const { device, document } = readings
    const fault = this.subscriber.take(readings, by)
    if (fault !== undefined) this.violated(fault)
    const falsehoods = this.#names
      .bearersOf(device)
      .flatMap((bearer) => this.#falsehoods(document, bearer))
    // A number that comes again within the slack of a wire: one of the two frames it is.
    if (falsehoods.some((found) => found === undefined)) return
    const why = falsehoods[0] ?? 'nobody sent that frame'
    this.violated(`I1: ${device} ${document.epoch}/${document.seq}: ${why}`)
  }

  /** What is false in a reading if it is of this device, for each of its frames that it can be of. */
  #falsehoods(document: ReadingsDocument, device: string): (string | undefined)[] {
    const plan = this.plan.devices.find(({ node }) => node.id === device)
    if (!plan) return []
    const frames = this.#truth.framesFor(device, document.seq, Date.parse(document.ts))
    const said = namesIn(document)
    const spoken = wordings.filter((wording) => isSpoken(said, plan, wording))
    return frames.flatMap((frame) =>
      spoken.map((wording) =>
        falsehood(document, frame, plan.node, (name) => channelName(name, wording)),
      ),
    )
  }
}

const isSpoken = (said: readonly string[], { node }: DevicePlan, wording: Wording): boolean => {
  const names = node.channels.map(({ name }) => channelName(name, wording))
  return said.every((name) => names.includes(name))
}
