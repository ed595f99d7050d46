import { Command, CommanderError, Option } from 'commander'
import { systemClock } from './clock.js'
import { chance, count, duration, port } from './commands/arguments.js'
import { addBrokerVerbs } from './commands/broker-verbs.js'
import { addCompletion } from './commands/completion.js'
import type {
  ContextExportOptions,
  ContextImportOptions,
  ContextOptions,
} from './commands/context.js'
import { Crash } from './commands/crash.js'
import type { ExplainOptions } from './commands/explain.js'
import { type CommandIo, Exit } from './commands/io.js'
import { lazily } from './commands/lazily.js'
import { PATIENCE_MS, ProcessEnd } from './commands/process-end.js'
import { addSetupVerbs } from './commands/setup-verbs.js'
import { addTrafficVerbs } from './commands/traffic-verbs.js'
import { version } from './commands/version.js'
import { shareNames } from './transport/name-desk.js'

const run = lazily(async () => (await import('./commands/run.js')).run)
const demo = lazily(async () => (await import('./commands/demo.js')).demo)
const decode = lazily(async () => (await import('./commands/decode.js')).decode)
const explain = lazily(async () => (await import('./commands/explain.js')).explain)
const check = lazily(async () => (await import('./commands/check.js')).check)
const healthcheck = lazily(async () => (await import('./commands/healthcheck.js')).healthcheck)
const sim = lazily(async () => (await import('./commands/sim.js')).sim)
const password = lazily(async () => (await import('./commands/password.js')).password)
const contextShow = lazily(async () => (await import('./commands/context.js')).contextShow)
const contextExport = lazily(async () => (await import('./commands/context.js')).contextExport)
const contextImport = lazily(async () => (await import('./commands/context.js')).contextImport)

/** Ends the verb by Ctrl-C, SIGTERM, `--for`, or a reader that has gone away. */
const stop = new AbortController()
/** Who reads our output hangs: a pipe that is full would keep the process alive. */
let isAbandoned = false
const end = new ProcessEnd({
  resources: () => process.getActiveResourcesInfo(),
  stderr: (text) => void process.stderr.write(text),
  exit: (code) => process.exit(code),
  kill: (signal) => {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  },
  setTimer: systemClock.setTimer,
})
const crash = new Crash({
  stderr: (text) => void process.stderr.write(text),
  exit: (code) => end.exit(code),
  setTimer: systemClock.setTimer,
})
const io: CommandIo = {
  stdout: (text) => void process.stdout.write(text),
  stdoutReader: {
    // What is written last is taken last. An error means that the reader has gone.
    taken: () => new Promise((resolve) => void process.stdout.write('', () => resolve())),
    abandon: () => {
      isAbandoned = true
    },
  },
  stderr: (text) => void process.stderr.write(text),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  onCrash: (lastWords) => crash.onCrash(lastWords),
  onHangup: (look) => void process.on('SIGHUP', look),
}

const configOption = () =>
  new Option('-c, --config <file>', 'configuration file (default: looked for in the usual places)')
const forOption = () =>
  new Option('--for <duration>', 'stop by itself after this time, as 20s').argParser(duration)
const brokerPortOption = () =>
  new Option('--broker-port <n>', 'port of the embedded broker, 0 = any free one').argParser(port)

const stateDirOption = () =>
  new Option('--state-dir <dir>', 'directory of what is kept over a restart')
const jsonOption = () => new Option('--json', 'print JSON').default(false)

/** Runs a verb and leaves its exit code; what it throws is a bug. */
function act<T>(verb: (options: T, io: CommandIo) => Promise<number>) {
  return async (options: T & { readonly for?: number }): Promise<void> => {
    const timer =
      options.for === undefined ? undefined : setTimeout(() => stop.abort(), options.for)
    try {
      process.exitCode = await verb(options, io)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Leaves the exit code of a verb that ends by itself. */
async function leave(exit: Promise<number>): Promise<void> {
  process.exitCode = await exit
}

const program = new Command('alec-bridge')
  .description('Bridge between ALEC-compressed sensor streams and plain MQTT readings')
  .version(version)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })

program
  .command('run')
  .description('run the bridge')
  .addOption(configOption())
  .addOption(forOption())
  .addOption(brokerPortOption())
  .addOption(stateDirOption())
  .option('--watch', 'apply the configuration whenever its file changes, as SIGHUP does', false)
  .addHelpText(
    'after',
    '\nExamples:\n  alec-bridge run -c alec-bridge.yaml\n  alec-bridge run -c alec-bridge.yaml --broker-port 0 --for 1min',
  )
  .action(act(run))

program
  .command('demo')
  .description('run a broker, simulated nodes and the bridge together, and show the readings')
  .addOption(forOption())
  .addOption(brokerPortOption())
  .option('--scenario <file>', 'fleet to simulate in place of the demo fleet')
  .option('--json', 'print every published message as one JSON line', false)
  .addHelpText('after', '\nExamples:\n  alec-bridge demo\n  alec-bridge demo --for 20s --json')
  .action(act(demo))

program
  .command('decode')
  .description('decode hex frames from stdin, one a line, to JSON lines')
  .addOption(configOption())
  .requiredOption('--device <id>', 'the configured device that sent them')
  .addHelpText(
    'after',
    '\nExample:\n  echo a1000000000341a80000 | alec-bridge decode -c alec-bridge.yaml --device greenhouse-1',
  )
  .action(act(decode))

program
  .command('explain')
  .description(
    'take hex frames of one device apart field by field, and say how their values follow',
  )
  .argument('<hex...>', 'frames in their order, each one interval later than the one before')
  .addOption(configOption())
  .requiredOption('--device <id>', 'the configured device that sent them')
  .addOption(stateDirOption().default(undefined, 'the device starts new'))
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nExample:\n  alec-bridge explain -c alec-bridge.yaml --device greenhouse-1 a1000000000341a80000',
  )
  .action((hex: string[], options: ExplainOptions) => leave(explain(hex, options, io)))

const context = program
  .command('context')
  .description("the state of a device's encoder, as a stopped bridge knows it")
context
  .command('show')
  .description('show what is known of each channel')
  .argument('<device>', 'a configured device')
  .addOption(configOption())
  .addOption(stateDirOption())
  .addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  alec-bridge context show greenhouse-1 -c alec-bridge.yaml')
  .action((device: string, options: ContextOptions) => leave(contextShow(device, options, io)))
context
  .command('export')
  .description('write what is known of the encoder as an ALCS state')
  .argument('<device>', 'a configured device')
  .addOption(configOption())
  .addOption(stateDirOption())
  .option('-o, --output <file>', 'file to write (default: hexadecimal digits to stdout)')
  .option('--force', 'also where it is not known to the bit: the nearest guess', false)
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Last value and average of each channel are the encoder's own. What a receiver does not follow
holds what fits: count is 0 to 2 where it is known to be, else the channel's share of all
observations, mean is the average, m2 is 0, history and patterns are empty; the version holds the
bits that frames carry, and the number of observations is one that fits them.

What is not known to the bit is not exported: what is in doubt is said, by how much, and what makes it
known. --force writes the nearest guess, for readers of another make: values that follow from it may be
wrong. It says so in its sensor type, alec-bridge:in-doubt, a label that decoding does not use;
context import refuses it.

Example:
  alec-bridge context export greenhouse-1 -c alec-bridge.yaml -o greenhouse-1.alcs`,
  )
  .action((device: string, options: ContextExportOptions) =>
    leave(contextExport(device, options, io)),
  )
context
  .command('import')
  .description('make a device exact by the ALCS state that its encoder exported')
  .argument('<device>', 'a configured device')
  .argument('<file>', 'the state, binary or as hexadecimal digits')
  .addOption(configOption())
  .addOption(stateDirOption())
  .addOption(
    new Option('--age <duration>', 'how long ago the device exported it, as 5min').argParser(
      duration,
    ),
  )
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
The state has to be the device's own (its library's export_state), taken while it runs as it does
now: readings are marked good on the strength of it. Frames lost since are allowed for, a restart of
the device is found out where its interval is declared. What a bridge exported by --force is refused.

Example:
  alec-bridge context import greenhouse-1 state.alcs -c alec-bridge.yaml --age 2min`,
  )
  .action((device: string, file: string, options: ContextImportOptions) =>
    leave(contextImport(device, file, options, io)),
  )

program
  .command('check')
  .description('check a configuration and print every problem of it')
  .addOption(configOption())
  .option('--json', 'print the problems as JSON', false)
  .addHelpText('after', '\nExample:\n  alec-bridge check -c alec-bridge.yaml')
  .action(act(check))

program
  .command('healthcheck')
  .description('whether the bridge of a configuration runs and reports: exit status for containers')
  .addOption(configOption())
  .addOption(new Option('--timeout <duration>', 'how long the broker may take').argParser(duration))
  .addOption(
    new Option('--max-age <duration>', 'how old the last report may be').argParser(duration),
  )
  .option('--strict', 'fail also where the bridge says that something is unhealthy', false)
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
It asks the configured broker for the bridge's state and status. An embedded broker with users needs
one named healthcheck that may subscribe to the bridge's topics.

Example:
  alec-bridge healthcheck -c alec-bridge.yaml && echo fine`,
  )
  .action(act(healthcheck))

program
  .command('sim')
  .description(
    'run the simulated firmware fleet alone, against any broker, port or pseudo-terminal',
  )
  .option('-c, --config <file>', 'scenario file (default: a mixed fleet over MQTT)')
  .option('--devices <n>', 'how many devices, without a scenario file', count)
  .option('--seed <seed>', 'seed of everything random')
  .option('--loss <p>', 'chance that a frame is lost', chance)
  .option('--duplicates <p>', 'chance that a frame arrives twice', chance)
  .option('--reboots <p>', 'chance that a device restarts before a frame', chance)
  .option('--interval <duration>', 'from one frame of a device to the next, as 2s')
  .option('--broker <url>', 'broker of the MQTT devices')
  .option('--link-dir <dir>', 'directory for symlinks to the pseudo-terminals')
  .option('--json', 'print JSON lines', false)
  .addOption(forOption())
  .addOption(brokerPortOption())
  .addHelpText(
    'after',
    '\nExamples:\n  alec-bridge sim --devices 20 --broker mqtt://127.0.0.1:1883\n  alec-bridge sim -c config/scenarios/lossy-field.yaml --link-dir /tmp/nodes --for 1min',
  )
  .action(act(sim))

addSetupVerbs(program, io)
addBrokerVerbs(program, io)
addTrafficVerbs(program, io)

program
  .command('password')
  .description('read a password from stdin and print its hash, for a password_file')
  .addHelpText(
    'after',
    '\nExample:\n  openssl rand -base64 18 | tee /dev/stderr | alec-bridge password > node-1.password',
  )
  .action(() => leave(password(io)))

addCompletion(program, io)

shareNames(systemClock)
process.on('SIGINT', () => stop.abort())
process.on('SIGTERM', () => stop.abort())
// Whoever reads our output may leave at any time, as `head` does.
process.stdout.on('error', () => stop.abort())
process.stderr.on('error', () => {})
// Rejections that nobody handles come here too.
process.on('uncaughtException', (error) => crash.crash(error))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? Exit.ok : Exit.usage
  else crash.crash(error)
}
if (isAbandoned) process.exit()
// A process that nothing holds ends before.
setTimeout(() => end.overdue(Number(process.exitCode ?? Exit.ok)), PATIENCE_MS).unref()
