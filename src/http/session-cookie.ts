import { createHmac, timingSafeEqual } from 'node:crypto'

/** A cookie for one who has shown the token: not the token itself, and worth nothing once the token is another. */
export function sessionCookie(token: string, wall: number, seconds: number): string {
  const expires = Math.floor(wall / 1000) + seconds
  return `${expires}.${seal(token, expires)}`
}

export function isSession(cookie: string, token: string, wall: number): boolean {
  const [, expires = '', given = ''] = /^(\d{1,12})\.([\w-]{43})$/.exec(cookie) ?? []
  if (Number(expires) * 1000 <= wall) return false
  return isSame(given, seal(token, Number(expires)))
}

const seal = (token: string, expires: number): string =>
  createHmac('sha256', token).update(`alec-bridge session until ${expires}`).digest('base64url')

/** Whether two texts are the same; how long it takes tells nothing of where they differ. */
export function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'alec-bridge').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** The header that sets it; over TLS no other site and no plain connection can ever see or set it. */
export function setCookie(name: string, value: string, seconds: number, secure: boolean): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
}

export function cookieIn(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(/;\s*/)
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}
