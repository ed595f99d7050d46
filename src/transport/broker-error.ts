/** What a broker setting or the embedded broker itself can fail with before anything runs. */
export type BrokerErrorCode =
  | 'ERR_BROKER_ADDRESS'
  | 'ERR_BROKER_LISTEN'
  | 'ERR_BROKER_TLS'
  | 'ERR_TOPIC_TEMPLATE'
  | 'ERR_DOWNLINK_TOPIC'

/** Trouble that only the user can mend: a setting, or a port that another program holds. */
export class BrokerError extends Error {
  readonly code: BrokerErrorCode

  constructor(code: BrokerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BrokerError'
    this.code = code
  }
}
