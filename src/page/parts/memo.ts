import { Component, type FunctionComponent, h } from 'preact'

/** A component that is rendered again only where one of its properties is another. */
export function memo<Props extends object>(
  render: FunctionComponent<Props>,
): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const before = this.props as Readonly<Record<string, unknown>>
      const after = next as Readonly<Record<string, unknown>>
      return Object.keys(after).some((name) => after[name] !== before[name])
    }

    override render() {
      return h(render, this.props)
    }
  }
  return Memo as unknown as FunctionComponent<Props>
}
