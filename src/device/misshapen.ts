/** So many frames of the wrong shape in a row, none decoded in between, are no line noise. */
export const MISSHAPEN = 3

const SHAPE_FAULTS: ReadonlySet<string> = new Set([
  'truncated',
  'trailing-bytes',
  'unused-bits',
  'wrong-length',
])

/** Whether a frame's fault is that it has another shape than the model's channels give. */
export const isShapeFault = (code: string): boolean => SHAPE_FAULTS.has(code)
