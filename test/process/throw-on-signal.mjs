// Loaded into a bridge's process before it starts: a bug that shows itself when a test says so.
process.on('SIGUSR2', () => {
  if (process.env.BUG === 'rejection') void Promise.reject(new Error('planted rejection'))
  else throw new Error('planted bug')
})
