import type { HeardDevice, HeardLine, HeardTopic } from './init-proposal.js'

/** What stands at the top of the proposal. */
export function initReport(
  source: HeardLine | HeardTopic,
  devices: readonly HeardDevice[],
  seconds: number,
): string[] {
  const where = source.kind === 'line' ? source.path : source.topic
  return [
    `Proposed by alec-bridge init, by what came from ${where} in ${seconds} s.`,
    'Behind each line: how sure it is (certain, likely, guess, unknown), and why.',
    'What decoding rests on has to be true of the sensors: look over what is guessed.',
    '',
    ...devices.map(({ id, survey }) => {
      const { frames, good, readings } = survey
      return `${id}: ${frames} frames, of whose ${readings} values ${good} are certain by this.`
    }),
    ...unknowns(source, devices).map((line) => `Cannot be told: ${line}.`),
  ]
}

/** What no listening tells. */
export function unknowns(
  source: HeardLine | HeardTopic,
  devices: readonly HeardDevice[],
): string[] {
  const lines = [
    'what each channel measures, its unit, and what the sensor can read at all: name them and narrow min and max by the data sheet',
  ]
  if (source.kind === 'line' && source.baudRate?.confidence === 'unknown')
    lines.push(`the baud rate: ${source.baudRate.evidence}`)
  if (source.kind === 'line' && source.format.crc === 'none')
    lines.push('damage on the line: without a CRC nothing shows it')
  const blind = devices.filter(({ survey }) => survey.channels.some(({ seen }) => !seen))
  if (blind.length > 0) {
    const names = blind.map(({ id }) => id).join(', ')
    lines.push(`the values of ${names}: only changes came; restart the device while init listens`)
  }
  for (const { id, survey } of devices) {
    if (survey.profile.confidence === 'guess')
      lines.push(
        `whether ${id} is open or closed loop: too few keyframes, or values that move too little`,
      )
  }
  return lines
}
