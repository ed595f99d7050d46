import type { Entry } from './init-proposal.js'

/** Comments begin here where the line is not longer itself. */
const COMMENT_AT = 32

/** The proposal as a file: each line with how sure it is and why; what is only suggested is commented out. */
export function yamlOf(entries: readonly Entry[], head: readonly string[]): string {
  const top = entries.map((entry) => lines([entry], 0).join('\n'))
  return `${[...head.map((line) => `# ${line}`.trimEnd()), '', ...top].join('\n')}\n`.replace(
    /\n(?=(?:models|sources|devices|broker):)/g,
    '\n\n',
  )
}

function lines(entries: readonly Entry[], indent: number): string[] {
  return entries.flatMap((entry) => {
    const { key, value } = entry
    if (typeof value !== 'object')
      return [withComment(entry, `${text(key)}: ${text(value)}`, indent)]
    const head = withComment(entry, `${text(key)}:`, indent)
    if (!('items' in value)) return [head, ...lines(value, indent + 2)]
    return [head, ...value.items.flatMap((item) => listItem(item, indent + 2))]
  })
}

function listItem(entries: readonly Entry[], indent: number): string[] {
  const [first = '', ...rest] = lines(entries, indent + 2)
  return [`${' '.repeat(indent)}- ${first.slice(indent + 2)}`, ...rest]
}

function withComment({ finding, declared }: Entry, content: string, indent: number): string {
  const line = `${' '.repeat(indent)}${declared === false ? '# ' : ''}${content}`
  if (!finding) return line
  return `${line.padEnd(COMMENT_AT)} # ${finding.confidence}: ${oneLine(finding.evidence)}`
}

/** Evidence may hold what came from outside: a name in a topic, say. */
const oneLine = (evidence: string): string => evidence.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

/** Plain where YAML reads nothing else into it. */
function text(value: string | number | boolean): string {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return decimal(value)
  const isPlain = /^[A-Za-z/][A-Za-z0-9_./-]*$/.test(value) || /^\d+(?:ms|s|min)$/.test(value)
  const isWord = /^(?:true|false|yes|no|on|off|null|y|n)$/i.test(value)
  return isPlain && !isWord ? value : JSON.stringify(value)
}

/** Never with an exponent: a resolution is written as a decimal. */
function decimal(value: number): string {
  const written = String(value)
  return written.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : written
}
