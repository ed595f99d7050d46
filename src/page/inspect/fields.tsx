import { type ExplainedField, type Explanation, isoSeconds } from '../../explanation/index.js'

interface FieldsProps {
  readonly explanation: Explanation
  readonly field: number | undefined
  onField(field: number | undefined): void
}

/** The bytes as they were sent, each marked with the field that it is of. */
export const Wire = ({ explanation: { fields }, field, onField }: FieldsProps) => (
  <div class="wire" aria-label="Bytes of the frame" role="img">
    {fields.map((one, index) =>
      pairsOf(one).map((pair, at) => (
        <span
          key={`${one.offset + at}`}
          class={`byte hue-${hueOf(one)} ${field === index ? 'is-lit' : ''} ${at === 0 ? 'is-first' : ''}`}
          onMouseEnter={() => onField(index)}
          onMouseLeave={() => onField(undefined)}
          title={`${labelOf(one)}: ${meaningOf(one)}`}
        >
          {pair}
        </span>
      )),
    )}
  </div>
)

export const FieldTable = ({ explanation: { fields }, field, onField }: FieldsProps) => (
  <table class="table fields">
    <thead>
      <tr>
        <th scope="col" class="number">
          Offset
        </th>
        <th scope="col">Bytes</th>
        <th scope="col">Field</th>
        <th scope="col">Meaning</th>
      </tr>
    </thead>
    <tbody>
      {fields.map((one, index) => (
        <tr
          key={`${index}`}
          class={field === index ? 'is-lit' : ''}
          onMouseEnter={() => onField(index)}
          onMouseLeave={() => onField(undefined)}
        >
          <td class="number">{one.offset}</td>
          <td>
            <code class={`hue-${hueOf(one)}`}>{bytesText(one)}</code>
          </td>
          <th scope="row">{labelOf(one)}</th>
          <td>{meaningOf(one)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

const MOST_SHOWN = 8

const pairsOf = ({ bytes }: ExplainedField): readonly string[] => bytes.match(/../g) ?? []

function bytesText(field: ExplainedField): string {
  const pairs = pairsOf(field)
  if (pairs.length === 0) return '–'
  return pairs.length > MOST_SHOWN ? `${pairs.slice(0, MOST_SHOWN).join(' ')} …` : pairs.join(' ')
}

const labelOf = ({ name, channel }: ExplainedField): string =>
  name === 'value' && channel !== undefined ? channel : name

const meaningOf = ({ name, value, meaning }: ExplainedField): string =>
  name === 'timestamp' ? `${meaning}, ${isoSeconds(value)}` : meaning

/** Head, channels in turn, tail: neighbours never look the same. */
function hueOf({ name, entry }: ExplainedField): string {
  if (entry !== undefined) return `value-${entry % 4}`
  return name === 'checksum' || name === 'rest' ? 'tail' : 'head'
}
