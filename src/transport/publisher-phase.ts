/** `preparing`: the broker is there, and what it has to be asked first is not answered yet. */
export type Phase = 'idle' | 'away' | 'preparing' | 'birth' | 'live' | 'stopping' | 'stopped'

export const isAway = (phase: Phase): boolean => phase === 'idle' || phase === 'away'

/** The broker is there, and will soon have what it is given. */
export const isHere = (phase: Phase): boolean =>
  phase === 'live' || phase === 'birth' || phase === 'preparing'
