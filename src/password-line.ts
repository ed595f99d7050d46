/**
 * A password as a file holds it: as it is, or as `scrypt:ln=14,r=8,p=1:<salt>:<hash>` with salt and hash in
 * base64. The costs are part of the line, and bounded: they are paid at every login.
 */
export const SCRYPT_LINE =
  /^scrypt:ln=(1[0-7]),r=8,p=1:([A-Za-z0-9+/]{20,86}={0,2}):([A-Za-z0-9+/]{43}=)$/

/** Whether a line says of itself that it is a hash. */
export const isHashLine = (line: string): boolean => line.startsWith('scrypt:')
