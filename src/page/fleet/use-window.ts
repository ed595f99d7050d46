import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

export interface RowWindow {
  readonly items: readonly VirtualItem[]
  readonly height: number
  scrollTo(index: number): void
}

/** Which of many rows of one height are to be there, by how far their container is scrolled. */
export function useWindow(
  container: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): RowWindow {
  const [, setTurn] = useState(0)
  const options = {
    count,
    getScrollElement: () => container.current,
    estimateSize: () => rowHeight,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 8,
    onChange: () => setTurn((turn) => turn + 1),
  }
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options))
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => virtualizer._willUpdate())
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight])
  return {
    items: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  }
}
