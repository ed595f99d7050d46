import { type Command, Option } from 'commander'
import { collect, duration, factor, size, time } from './arguments.js'
import type { CaptureOptions } from './capture.js'
import type { CommandIo } from './io.js'
import { lazily } from './lazily.js'
import type { ReplayOptions } from './replay.js'

const capture = lazily(async () => (await import('./capture.js')).capture)
const replay = lazily(async () => (await import('./replay.js')).replay)

const configFlags = [
  '-c, --config <file>',
  'configuration file (default: looked for in the usual places)',
] as const
const timeoutOption = () =>
  new Option('--timeout <duration>', 'how long the broker may take for each answer').argParser(
    duration,
  )
const deviceOption = () =>
  new Option('--device <id>', 'only frames of this device; may be given more than once').argParser(
    collect,
  )

/** The verbs that keep frames, and play them back. */
export function addTrafficVerbs(program: Command, io: CommandIo): void {
  program
    .command('capture')
    .description('write frames as they come to a file, one a line, with their times')
    .argument('<file>', 'a new file, or - for standard output')
    .option(...configFlags)
    .option('--port <path>', 'open this serial source of the configuration, in place of the broker')
    .addOption(deviceOption())
    .addOption(
      new Option('--for <duration>', 'stop by itself after this time, as 20s').argParser(duration),
    )
    .addOption(
      new Option('--max-size <size>', 'stop before the file is larger, as 10MB').argParser(size),
    )
    .addOption(timeoutOption())
    .option('--json', 'print JSON when it ends', false)
    .addHelpText(
      'after',
      `
It listens on the frame topics of the configuration's MQTT sources, beside the bridge, and goes on until
Ctrl-C. Frames of serial lines do not come by the broker: --port reads a line that no bridge has open, and
the request capture/start has a running bridge capture all that it takes in. A file that a kill has cut off is
good up to its last whole line. An embedded broker with users needs one named capture, who may subscribe to the frames.

Examples:
  alec-bridge capture field.txt -c alec-bridge.yaml --for 1h
  alec-bridge capture line.txt -c alec-bridge.yaml --port /dev/ttyUSB0
  alec-bridge capture - --device greenhouse-1 -c alec-bridge.yaml | tee greenhouse.txt`,
    )
    .action(async (file: string, options: CaptureOptions) => {
      process.exitCode = await capture(file, options, io)
    })

  program
    .command('replay')
    .description('play a capture back to the bridge, at its own pace or another, or decode it')
    .argument('<file>', 'a capture, or - for standard input')
    .option(...configFlags)
    .option('--decode', 'decode the frames here and print JSON lines; needs no broker', false)
    .option('--speed <n>', 'so many times as fast as the frames came', factor)
    .option('--as-fast-as-possible', "as fast as the bridge's limits let them in", false)
    .addOption(deviceOption())
    .addOption(
      new Option('--from <time>', 'leave out what came before, as 2026-11-27T07:30Z').argParser(
        time,
      ),
    )
    .addOption(new Option('--until <time>', 'leave out what came after').argParser(time))
    .option('--yes', 'publish without asking', false)
    .addOption(timeoutOption())
    .option('--json', 'print JSON; asks nobody', false)
    .addHelpText(
      'after',
      `
Published frames are to a running bridge as if their devices sent them now: use a bridge, or device ids, of
their own, or what the devices send at the same time will not fit. --decode takes the models of the
configuration and the times of the capture, and prints what decode prints, with device and ts; what came before
--from is decoded too, and not printed. An embedded broker with users needs one named replay, who may publish
the frames. Exit status: 65 where a line or a device had to be skipped.

Examples:
  alec-bridge replay field.txt -c alec-bridge.yaml --decode
  alec-bridge replay field.txt -c bench.yaml --speed 10 --yes
  grep ' greenhouse-1 ' field.txt | alec-bridge replay - -c alec-bridge.yaml --decode`,
    )
    .action(async (file: string, options: ReplayOptions) => {
      process.exitCode = await replay(file, options, io)
    })
}
