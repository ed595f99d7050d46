/** What decides on a world beside its seed. */
export interface WorldChoice {
  readonly hours?: string | undefined
  readonly with?: string | undefined
  readonly without?: string | undefined
  readonly only?: string | undefined
}

/** How to get the same world again. */
export function again(seed: number, { hours, with: wanted, without, only }: WorldChoice): string {
  const said = [
    wanted && ` --with ${wanted}`,
    without && ` --without ${without}`,
    // None at all is a choice too.
    only !== undefined && ` --only ${only || '""'}`,
  ].filter((one) => one)
  // Whichever it is, one hour is over with the first world.
  const scale = hours === undefined ? '' : ' --hours 1'
  return `npm run simulate -- --seed ${seed}${scale}${said.join('')}`
}
