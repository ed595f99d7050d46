import { keepHeapSmall } from './heap-growth.js'

// A module of its own, so that it can be read before all others.
keepHeapSmall()
