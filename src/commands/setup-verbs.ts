import { type Command, Option } from 'commander'
import { count, duration } from './arguments.js'
import type { DoctorOptions } from './doctor.js'
import type { InitOptions } from './init-options.js'
import type { CommandIo } from './io.js'
import { lazily } from './lazily.js'
import type { PortsOptions } from './ports.js'

const doctor = lazily(async () => (await import('./doctor.js')).doctor)
const init = lazily(async () => (await import('./init.js')).init)
const ports = lazily(async () => (await import('./ports.js')).ports)

/** The verbs for the way from a new device to a running bridge. */
export function addSetupVerbs(program: Command, io: CommandIo): void {
  program
    .command('init')
    .description('listen to an unknown line or topic, and propose a configuration for it')
    .option('--port <path>', 'serial port, or tcp://host:port')
    .option('--baud-rate <n>', 'try this rate alone', count)
    .addOption(
      new Option('--parity <kind>', 'try this parity alone').choices(['none', 'even', 'odd']),
    )
    .option('--no-ask', 'only listen: ask no device for keyframes, which show whole values')
    .option('--broker <url>', 'broker to listen at, as mqtt://192.168.1.10:1883')
    .option('--topic <template>', 'where frames come in (default: alec/{device}/frame)')
    .option('--username <name>', 'user at the broker')
    .option('--password-file <file>', 'file with the password of the user')
    .option('--ca <file>', 'certificate authority of the broker, PEM')
    .option('--file <file>', 'bytes that came out of a line, as they were')
    .option('--device <id>', 'id of the device, where nothing tells devices apart')
    .addOption(
      new Option(
        '--listen <duration>',
        'how long to listen, once something makes sense (default: 2min, less where all is clear)',
      ).argParser(duration),
    )
    .option('--write <file>', 'write the proposal to a new file')
    .option('--force', 'also where the file is there already', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
It finds the rate, the framing, the CRC, the address byte and the kind of frames, the channels with the
step of their values, and how often they come. Each line of the proposal says how sure it is, and why.
Stop it with Ctrl-C where you have waited long enough: it then proposes what it knows.

Examples:
  alec-bridge init --port /dev/ttyUSB0 --write alec-bridge.yaml && alec-bridge run -c alec-bridge.yaml
  alec-bridge init --port tcp://10.0.0.7:4001 --listen 5min
  alec-bridge init --broker mqtt://192.168.1.10:1883 --topic 'alec/{device}/frame'`,
    )
    .action(async (options: InitOptions) => {
      process.exitCode = await init(options, io)
    })

  program
    .command('ports')
    .description('list the serial ports, and whether they may be opened; opens none')
    .argument('[path...]', 'look at these alone; the exit status tells whether they may be opened')
    .option('--all', 'also ports without hardware behind them', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExamples:\n  alec-bridge ports\n  alec-bridge ports /dev/ttyUSB0 && echo free',
    )
    .action(async (paths: string[], options: PortsOptions) => {
      process.exitCode = await ports(paths, options, io)
    })

  program
    .command('doctor')
    .description(
      'look at everything that a bridge rests on, and say what to do where it is not well',
    )
    .option('-c, --config <file>', 'configuration file (default: looked for in the usual places)')
    .option('--state-dir <dir>', 'directory of what is kept over a restart')
    .addOption(
      new Option('--timeout <duration>', 'how long the broker may take for each answer').argParser(
        duration,
      ),
    )
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
It looks at the version of Node.js, the clock, the configuration, the state directory and its disk, the
broker (login, version, rights, retained messages), the dashboard's port and the serial ports. It does so beside a running bridge, as a
client of its own, and takes away what it has published. Exit status: 0 where nothing fails, else 69, or
78 where the configuration is wrong. An embedded broker with users needs one named doctor, who may publish
and subscribe <base_topic>/bridge/#.

Examples:
  alec-bridge doctor -c alec-bridge.yaml
  alec-bridge doctor --json | jq '.checks[] | select(.verdict != "ok")'`,
    )
    .action(async (options: DoctorOptions) => {
      process.exitCode = await doctor(options, io)
    })
}
