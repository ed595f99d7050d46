import { type Command, Option } from 'commander'
import { duration } from './arguments.js'
import type { CleanOptions } from './clean.js'
import type { CommandIo } from './io.js'
import { lazily } from './lazily.js'
import type { MonitorOptions } from './monitor.js'
import { ORDERS } from './monitor-rows.js'
import type { TapOptions } from './tap.js'

const clean = lazily(async () => (await import('./clean.js')).clean)
const monitor = lazily(async () => (await import('./monitor.js')).monitor)
const tap = lazily(async () => (await import('./tap.js')).tap)

/** The verbs that work on what the configured broker has. */
export function addBrokerVerbs(program: Command, io: CommandIo): void {
  program
    .command('clean')
    .description('remove what the broker keeps of devices that are not configured any more')
    .option('-c, --config <file>', 'configuration file (default: looked for in the usual places)')
    .option('--state-dir <dir>', 'directory of what is kept over a restart')
    .option('--dry-run', 'only show what would be removed', false)
    .option('--yes', 'remove it without asking', false)
    .addOption(
      new Option('--timeout <duration>', 'how long the broker may take for each answer').argParser(
        duration,
      ),
    )
    .option('--json', 'print JSON; asks nobody', false)
    .addHelpText(
      'after',
      `
It looks below the base topic and at what Home Assistant was told, and takes only what a bridge has
written there. Devices of another bridge are left alone, and so are those that the running bridge reports.
Frames and commands are never touched. An embedded broker with users needs one named clean, who may publish
and subscribe below the base topic and homeassistant.

Examples:
  alec-bridge clean -c alec-bridge.yaml --dry-run
  alec-bridge clean -c alec-bridge.yaml --yes --json`,
    )
    .action(async (options: CleanOptions) => {
      process.exitCode = await clean(options, io)
    })

  program
    .command('monitor')
    .description('show how all devices are, live, the worst first')
    .option('-c, --config <file>', 'configuration file (default: looked for in the usual places)')
    .addOption(
      new Option('--sort <order>', 'what comes first').choices(ORDERS).default('worst first'),
    )
    .option('--filter <words>', 'only devices of which id, state or cause hold these words')
    .option('--once', 'show them once, and end', false)
    .addOption(
      new Option('--for <duration>', 'stop by itself after this time, as 20s').argParser(duration),
    )
    .addOption(
      new Option('--timeout <duration>', 'how long the broker may take for each answer').argParser(
        duration,
      ),
    )
    .option('--json', 'print JSON lines: each device, then each that changes', false)
    .addHelpText(
      'after',
      `
On a terminal it is a table that follows what the bridge publishes; arrows choose a device, Enter shows it
with its last events, s sorts, / filters, ? helps, q quits. Elsewhere it prints all devices, then a line for each
that changes. A status that is older than its ttl, or of a bridge that is offline, is shown as unknown. An
embedded broker with users needs one named monitor, who may subscribe to the devices' topics and the bridge's.

Examples:
  alec-bridge monitor -c alec-bridge.yaml
  alec-bridge monitor -c alec-bridge.yaml --once --filter unhealthy
  alec-bridge monitor -c alec-bridge.yaml --json | jq 'select(.health != "healthy")'`,
    )
    .action(async (options: MonitorOptions) => {
      process.exitCode = await monitor(options, io)
    })

  program
    .command('tap')
    .description('show frames, readings with their bounds, and events as the broker passes them on')
    .argument('[device]', 'a configured device (default: all)')
    .option('-c, --config <file>', 'configuration file (default: looked for in the usual places)')
    .addOption(
      new Option('--timeout <duration>', 'how long the broker may take for each answer').argParser(
        duration,
      ),
    )
    .option('--json', 'print JSON lines', false)
    .addHelpText(
      'after',
      `
It goes on until Ctrl-C. Frames of serial lines do not come by the broker: of those it shows what was made.
An embedded broker with users needs one named tap, who may subscribe to what is shown.

Examples:
  alec-bridge tap -c alec-bridge.yaml
  alec-bridge tap greenhouse-1 -c alec-bridge.yaml --json | jq .document`,
    )
    .action(async (device: string | undefined, options: TapOptions) => {
      process.exitCode = await tap(device, options, io)
    })
}
