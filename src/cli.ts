#!/usr/bin/env node
import './young-heap.js'

// What it reads must not be read before the heap is bounded.
await import('./program.js')
