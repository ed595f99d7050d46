/** What is wrong with a TLS connection, for programs (`code`) and for people. */
export interface TlsTrouble {
  readonly code:
    | 'tls-expired'
    | 'tls-not-yet-valid'
    | 'tls-wrong-host'
    | 'tls-unknown-ca'
    | 'tls-wrong-pin'
    | 'tls-revoked'
    | 'tls-version'
    | 'tls-no-certificate'
    | 'tls-certificate-refused'
    | 'tls-no-tls'
    | 'tls-handshake'
  readonly why: string
}

const UNKNOWN_CA: TlsTrouble = {
  code: 'tls-unknown-ca',
  why: 'its certificate is by an authority that we do not know: name it by tls.ca',
}
const VERSION: TlsTrouble = {
  code: 'tls-version',
  why: 'it does not speak TLS 1.2 or newer',
}
const NO_CERTIFICATE: TlsTrouble = {
  code: 'tls-no-certificate',
  why: 'it wants a certificate of ours: name it by tls.cert and tls.key',
}
const REFUSED: TlsTrouble = {
  code: 'tls-certificate-refused',
  why: 'it does not accept our certificate (tls.cert)',
}

const TROUBLES: ReadonlyMap<string, TlsTrouble> = new Map([
  ['CERT_HAS_EXPIRED', { code: 'tls-expired', why: 'its certificate has expired' }],
  [
    'CERT_NOT_YET_VALID',
    { code: 'tls-not-yet-valid', why: 'its certificate is not valid yet: is our clock right?' },
  ],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    { code: 'tls-wrong-host', why: 'its certificate is for another host name' },
  ],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN_CA],
  ['UNABLE_TO_GET_ISSUER_CERT', UNKNOWN_CA],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNKNOWN_CA],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN_CA],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNKNOWN_CA],
  ['CERT_SIGNATURE_FAILURE', UNKNOWN_CA],
  ['ERR_TLS_PIN', { code: 'tls-wrong-pin', why: 'its key is not the pinned one' }],
  ['CERT_REVOKED', { code: 'tls-revoked', why: 'its certificate is revoked' }],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', VERSION],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', VERSION],
  ['ERR_SSL_NO_PROTOCOLS_AVAILABLE', VERSION],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', NO_CERTIFICATE],
  ['ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', NO_CERTIFICATE],
  // TLS 1.2 has no alert of its own for a missing certificate.
  [
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    {
      code: 'tls-handshake',
      why: 'it ends the handshake: perhaps it wants a certificate of ours (tls.cert, tls.key)',
    },
  ],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', REFUSED],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', REFUSED],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', REFUSED],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', REFUSED],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', REFUSED],
  ['ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR', REFUSED],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    { code: 'tls-no-tls', why: 'it does not speak TLS there: is it the right port, or mqtt://?' },
  ],
  [
    'ERR_SSL_PACKET_LENGTH_TOO_LONG',
    { code: 'tls-no-tls', why: 'it does not speak TLS there: is it the right port, or mqtt://?' },
  ],
])

/** What an error says about TLS; undefined where it is of another kind. */
export function tlsTrouble(code: string, message: string): TlsTrouble | undefined {
  const exact = code === 'EPROTO' ? opensslCode(message) : code
  const known = TROUBLES.get(exact)
  if (known) return known
  return /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/.test(exact)
    ? { code: 'tls-handshake', why: 'the TLS handshake failed' }
    : undefined
}

/** While it writes, Node calls every trouble with TLS EPROTO, and leaves the rest to the message of OpenSSL. */
function opensslCode(message: string): string {
  const [, reason] = /:error:[0-9A-F]+:SSL routines:[^:]*:([^:]+):/.exec(message) ?? []
  return reason === undefined ? 'EPROTO' : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`
}
