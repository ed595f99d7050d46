/** Before this year a machine's clock has not been set since it started. */
const CLOCK_SET = Date.UTC(2024, 0, 1)

/** Whether the wall clock (Unix milliseconds) can be believed. */
export const isClockSet = (wall: number): boolean => wall >= CLOCK_SET
