import { createHash, X509Certificate } from 'node:crypto'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type { ExternalBrokerConfig } from '../config/configuration.js'

/** Hears when the certificate of the other side ends. */
export type PeerWatch = (certificate: X509Certificate) => void

/** What a connection to a broker asks of TLS. Nothing below 1.2, and no certificate on faith unless it was asked for. */
export function tlsOptions(tls: ExternalBrokerConfig['tls'], onPeer: PeerWatch = () => {}) {
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: tls?.insecure !== true,
    checkServerIdentity: (host, peer) => {
      const certificate = new X509Certificate(peer.raw)
      onPeer(certificate)
      return checkServerIdentity(host, peer) ?? pinFault(certificate, tls?.pins)
    },
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.cert !== undefined && { cert: tls.cert }),
    ...(tls?.key !== undefined && { key: tls.key }),
  } as const satisfies ConnectionOptions
}

/** The name of a public key in the form of RFC 7469: it stays the same when the certificate is renewed. */
export function keyPin(certificate: X509Certificate): string {
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return `sha256/${createHash('sha256').update(key).digest('base64')}`
}

function pinFault(
  certificate: X509Certificate,
  pins: readonly string[] | undefined,
): Error | undefined {
  if (pins === undefined) return undefined
  const pin = keyPin(certificate)
  if (pins.includes(pin)) return undefined
  return Object.assign(new Error(`the key of its certificate is ${pin}, which is not pinned`), {
    code: 'ERR_TLS_PIN',
  })
}
