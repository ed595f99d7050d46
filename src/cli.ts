#!/usr/bin/env node
import './small-heap.js'

// What it reads must not be read before the growth of the heap is set.
await import('./program.js')
