/** `localhost` resolves to loopback by definition (RFC 6761, section 6.3). */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host === '::1' ||
  /^127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(host)
