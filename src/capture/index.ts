export { type CaptureHead, captureHead } from './capture-head.js'
export { type CaptureEntry, readCapture } from './capture-reader.js'
export {
  type CaptureEnd,
  type CaptureSummary,
  type CaptureTarget,
  CaptureWriter,
} from './capture-writer.js'
export type { CapturedFrame } from './captured-frame.js'
