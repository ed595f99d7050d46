/** A metric as an expression asks for it. */
export interface Asked {
  readonly metric: string
  /** The labels that it is told by, or summed by. */
  readonly labels: readonly string[]
  /** The function right around it; empty where there is none. */
  readonly within: string
  readonly isRange: boolean
}

const SELECTOR = /(\w*)(\()?\b((?:alec_bridge|process)_\w+|up)(?:\{([^}]*)\})?(\[[^\]]+\])?/g

/** Every metric that an expression asks for, as far as our expressions go. */
export function askedBy(expression: string): Asked[] {
  const summedBy = Array.from(expression.matchAll(/\bby \(([^)]*)\)/g), ([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  ).flat()
  return Array.from(
    expression.matchAll(SELECTOR),
    ([, name = '', open, metric = '', matchers = '', range]) => ({
      metric,
      labels: [
        ...Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label),
        ...summedBy,
      ],
      within: open === undefined ? '' : name,
      isRange: range !== undefined,
    }),
  )
}

/** Brackets that have no other half, or lie across each other. */
export function isBalanced(expression: string): boolean {
  const open: string[] = []
  const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
  for (const sign of expression.replace(/"[^"]*"/g, '').match(/[()[\]{}]/g) ?? []) {
    if (pairs[sign] === undefined) open.push(sign)
    else if (open.pop() !== pairs[sign]) return false
  }
  return open.length === 0
}
