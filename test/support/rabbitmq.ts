import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MutualTls } from './certificates.js'
import { endsWithUs } from './ends-with-us.js'
import { freePort } from './free-port.js'
import { without } from './without-program.js'

/** Not the wrapper on the path: that one becomes another user, and keeps its files elsewhere. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const EPMD = '/usr/bin/epmd'

/** True where tests against a real RabbitMQ must be left out. */
export const withoutRabbitMq = (): boolean =>
  without(
    existsSync(SERVER),
    'rabbitmq-server is not installed (Debian: apt-get install rabbitmq-server)',
  )

/** A real RabbitMQ on free loopback ports, with MQTT and the consistent-hash exchange; it takes long to start. */
export class RabbitMq {
  readonly amqpPort: number
  readonly mqttPort: number
  readonly #scheme: 'amqp' | 'amqps'
  readonly #directory: string
  readonly #epmd: ChildProcess
  readonly #server: ChildProcess
  readonly #forget: readonly (() => void)[]
  #log = ''

  private constructor(
    ports: { readonly amqp: number; readonly mqtt: number; readonly isSafe: boolean },
    directory: string,
    epmd: ChildProcess,
    server: ChildProcess,
  ) {
    this.amqpPort = ports.amqp
    this.#scheme = ports.isSafe ? 'amqps' : 'amqp'
    this.mqttPort = ports.mqtt
    this.#directory = directory
    this.#epmd = epmd
    this.#server = server
    this.#forget = [endsWithUs(epmd), endsWithUs(server, 'group')]
  }

  /** `tls`: its AMQP listener speaks nothing else, and wants a certificate of its clients. */
  static async start(tls?: MutualTls): Promise<RabbitMq> {
    const ports = [freePort(), freePort(), freePort(), freePort()] as const
    const [amqp, mqtt, distribution, names] = await Promise.all(ports)
    const directory = mkdtempSync(join(tmpdir(), 'alec-rabbitmq-'))
    const file = (name: string, ...lines: string[]): string => {
      writeFileSync(join(directory, name), `${lines.join('\n')}\n`)
      return join(directory, name)
    }
    const env = {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      // The cookie by which Erlang's nodes know each other lies there.
      HOME: directory,
      ERL_EPMD_PORT: String(names),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `alec-${process.pid}-${amqp}@localhost`,
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
      RABBITMQ_LOG_BASE: join(directory, 'log'),
      RABBITMQ_PID_FILE: join(directory, 'pid'),
      RABBITMQ_GENERATED_CONFIG_DIR: join(directory, 'generated'),
      RABBITMQ_CONF_ENV_FILE: join(directory, 'none'),
      RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'none.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: file(
        'plugins',
        '[rabbitmq_mqtt,rabbitmq_consistent_hash_exchange].',
      ),
      RABBITMQ_CONFIG_FILE: file(
        'rabbitmq.conf',
        ...(tls
          ? [
              'listeners.tcp = none',
              `listeners.ssl.1 = 127.0.0.1:${amqp}`,
              `ssl_options.cacertfile = ${file('ca.pem', tls.ca)}`,
              `ssl_options.certfile = ${file('cert.pem', tls.cert)}`,
              `ssl_options.keyfile = ${file('key.pem', tls.key)}`,
              'ssl_options.verify = verify_peer',
              'ssl_options.fail_if_no_peer_cert = true',
            ]
          : [`listeners.tcp.1 = 127.0.0.1:${amqp}`]),
        `mqtt.listeners.tcp.1 = 127.0.0.1:${mqtt}`,
        'mqtt.allow_anonymous = true',
        'mqtt.prefetch = 1000',
        'log.file = false',
        'log.console = true',
        'log.console.level = error',
        'vm_memory_high_watermark.absolute = 1GB',
        'disk_free_limit.absolute = 10MB',
      ),
      // Schedulers that have nothing to do would otherwise spin, and take the processor from who has.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
    }
    const epmd = spawn(EPMD, ['-port', String(names), '-address', '127.0.0.1'], {
      env,
      stdio: 'ignore',
    })
    // A group of its own: the script starts the engine, which starts others.
    const server = spawn(SERVER, { env, cwd: directory, detached: true })
    const rabbit = new RabbitMq({ amqp, mqtt, isSafe: tls !== undefined }, directory, epmd, server)
    await rabbit.#started()
    return rabbit
  }

  get amqpUrl(): string {
    return this.amqpUrlAt(this.amqpPort)
  }

  /** Where somebody in between listens. */
  amqpUrlAt(port: number): string {
    return `${this.#scheme}://127.0.0.1:${port}`
  }

  get mqttUrl(): string {
    return `mqtt://127.0.0.1:${this.mqttPort}`
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once('close', resolve))
    try {
      process.kill(-(this.#server.pid ?? 0), 'SIGKILL')
    } catch {
      // It has ended already.
    }
    this.#epmd.kill('SIGKILL')
    await ended
    for (const forget of this.#forget) forget()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #started(): Promise<void> {
    return new Promise((resolve, reject) => {
      const hear = (chunk: unknown) => {
        this.#log += String(chunk)
        if (/completed with \d+ plugins/.test(this.#log)) resolve()
      }
      this.#server.stdout?.on('data', hear)
      this.#server.stderr?.on('data', hear)
      this.#server.once('error', reject)
      this.#server.once('exit', (code) =>
        reject(new Error(`rabbitmq-server ended with ${code}: ${this.#log}`)),
      )
    })
  }
}
