/** The version of the format; a reader refuses a greater one. */
export const CAPTURE_VERSION = 1

const MARK = '# alec-bridge capture'

export interface CaptureHead {
  /** The program's version. */
  readonly program: string
  /** Where the frames come from; never a secret. */
  readonly sources: readonly string[]
  readonly baseTopic: string
  /** When it begins, Unix milliseconds. */
  readonly wall: number
}

/** The lines that a capture begins with. */
export function captureHead({ program, sources, baseTopic, wall }: CaptureHead): string {
  return [
    `${MARK} ${CAPTURE_VERSION}`,
    `# program alec-bridge ${program}`,
    ...sources.map((source) => `# source ${oneLine(source)}`),
    `# base_topic ${oneLine(baseTopic)}`,
    `# started ${new Date(wall).toISOString()}`,
    '# time seconds device integrity bytes frame',
  ]
    .map((line) => `${line}\n`)
    .join('')
}

/** Something that is worth knowing beside the frames. */
export const captureRemark = (wall: number, words: string): string =>
  `# ${new Date(wall).toISOString()} ${oneLine(words)}\n`

/** The version that a comment says the capture has; undefined where it says none. */
export function versionIn(comment: string): number | undefined {
  const [, version] = /^# alec-bridge capture (\d+)$/.exec(comment.trim()) ?? []
  return version === undefined ? undefined : Number(version)
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')
