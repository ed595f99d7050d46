import type { JSX } from 'preact'

// Every state has a shape of its own: none is told by colour alone.

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': 1.7,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const

const SHAPES = {
  // Health: a disc, a triangle, a diamond, a broken ring.
  healthy: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="currentColor" />
      <path d="M5.2 8.2l2 2 3.6-4" {...stroke} stroke="var(--on-state)" />
    </>
  ),
  degraded: (
    <>
      <path d="M8 1.4l6.8 12.2H1.2z" fill="currentColor" />
      <path d="M8 6v3.4M8 11.6v.1" {...stroke} stroke="var(--on-state)" />
    </>
  ),
  unhealthy: (
    <>
      <path d="M8 .8L15.2 8 8 15.2.8 8z" fill="currentColor" />
      <path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" {...stroke} stroke="var(--on-state)" />
    </>
  ),
  unknown: <circle cx="8" cy="8" r="6" {...stroke} stroke-dasharray="2.6 2.6" />,
  // Circuit: a wire, a wire with its switch up, a wire in pieces.
  closed: (
    <>
      <path d="M1.5 8h13" {...stroke} />
      <circle cx="4.6" cy="8" r="1.9" fill="currentColor" />
      <circle cx="11.4" cy="8" r="1.9" fill="currentColor" />
    </>
  ),
  open: (
    <>
      <path d="M1.5 10h3M11.5 10h3M4.6 10l6-6" {...stroke} />
      <circle cx="4.6" cy="10" r="1.9" fill="currentColor" />
      <circle cx="11.4" cy="10" r="1.9" fill="currentColor" />
    </>
  ),
  'half-open': (
    <>
      <path d="M1.5 10h3M11.5 10h3M4.6 10l6.4-2.6" {...stroke} stroke-dasharray="2 2.2" />
      <circle cx="4.6" cy="10" r="1.9" fill="currentColor" />
      <circle cx="11.4" cy="10" r="1.6" {...stroke} />
    </>
  ),
  // Sync: equal, within, turning, a question.
  exact: <path d="M3 6h10M3 10.4h10" {...stroke} />,
  bounded: <path d="M8 2.6v7.6M4.2 6.4h7.6M4.2 13h7.6" {...stroke} />,
  recovering: <path d="M13.4 8A5.4 5.4 0 1 1 11.6 4M13.6 1.6V5h-3.4" {...stroke} />,
  'sync-unknown': <path d="M5.4 5.6a2.7 2.7 0 1 1 3.9 2.4C8.3 8.5 8 9 8 10M8 13v.1" {...stroke} />,
  // Severity of events.
  info: <circle cx="8" cy="8" r="2.6" fill="currentColor" />,
  warning: <path d="M8 2.2l6 10.8H2z" {...stroke} />,
  error: <path d="M8 1.6L14.4 8 8 14.4 1.6 8z" fill="currentColor" />,
  // The rest.
  away: <path d="M2 8h3.4M10.6 8H14M6.2 5.4l3.6 5.2M9.8 5.4l-3.6 5.2" {...stroke} />,
  door: <path d="M2 8h12M9.6 3.6L14 8l-4.4 4.4" {...stroke} />,
  opening: <path d="M2 8h2M7 8h2M12 8h2" {...stroke} />,
  stopped: <path d="M4.5 4.5h7v7h-7z" {...stroke} />,
  back: <path d="M9.6 3.6L5.2 8l4.4 4.4" {...stroke} />,
  search: <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.8 10.8L14 14" {...stroke} />,
  moon: <path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z" {...stroke} />,
  sun: (
    <path
      d="M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.4v1.2M8 13.4v1.2M1.4 8h1.2M13.4 8h1.2M3.3 3.3l.9.9M11.8 11.8l.9.9M3.3 12.7l.9-.9M11.8 4.2l.9-.9"
      {...stroke}
    />
  ),
  wave: <path d="M1.5 10.5h2.4L6 4.5l3 8 1.8-4.4h3.7" {...stroke} />,
} satisfies Record<string, JSX.Element>

export type Shape = keyof typeof SHAPES

/** Says nothing to screen readers: words stand beside it. */
export const Icon = ({ shape }: { readonly shape: Shape }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    {SHAPES[shape]}
  </svg>
)
