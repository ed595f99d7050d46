import { withoutCredentials } from '../../names.js'
import type { SourceView } from '../views.js'
import { byLabel, type Family, type Sample } from './family.js'

/** What comes in by each door. All bytes that came are those in frames, and those that were thrown away. */
export function sourceFamilies(sources: () => readonly SourceView[]): Family[] {
  const each = (read: (source: SourceView) => number) => () =>
    sources().map((source): Sample => [read(source), { source: idOf(source) }])
  const reasons = (read: (source: SourceView) => Readonly<Record<string, number>>) => () =>
    sources().flatMap((source) => byLabel('reason', read(source), { source: idOf(source) }))
  const counted = (
    name: string,
    help: string,
    read: (counters: ReturnType<SourceView['counters']>) => number,
  ): Family => ({
    name: `source_${name}_total`,
    help,
    type: 'counter',
    labels: ['source'],
    read: each((source) => read(source.counters())),
  })
  return [
    {
      name: 'source_up',
      help: 'Whether a source is open.',
      type: 'gauge',
      labels: ['source'],
      read: each(({ state }) => Number(state.kind === 'open')),
    },
    {
      name: 'source_noisy',
      help: 'Whether most of what comes by a source is no frame.',
      type: 'gauge',
      labels: ['source'],
      read: each(({ noise }) => Number(noise !== undefined)),
    },
    counted('opened', 'Times that a source was opened.', ({ opened }) => opened),
    counted('received_bytes', 'Bytes that came by a source.', ({ bytesIn }) => bytesIn),
    counted('frame_bytes', 'Of the bytes that came, those of frames.', (of) => of.bytesInFrames),
    {
      name: 'source_discarded_bytes_total',
      help: 'Of the bytes that came, those that were thrown away.',
      type: 'counter',
      labels: ['source', 'reason'],
      read: reasons((source) => source.counters().discardedBytes),
    },
    counted('frames', 'Frames that a source passed on.', ({ framesIn }) => framesIn),
    {
      name: 'source_rejected_frames_total',
      help: 'Frames and messages that a source refused.',
      type: 'counter',
      labels: ['source', 'reason'],
      read: reasons((source) => source.counters().rejected),
    },
    counted('downlinks_sent', 'Downlinks that a source has sent.', (of) => of.downlinksSent),
    counted('downlinks_refused', 'Downlinks that a source refused.', (of) => of.downlinksRefused),
    counted(
      'downlinks_lost',
      'Of the downlinks that were sent, those that were lost with their line.',
      ({ downlinksLost }) => downlinksLost,
    ),
  ]
}

const idOf = ({ id }: SourceView): string => withoutCredentials(id)
