import type { OutgoingMessage } from './broker-port.js'
import type { MqttLink } from './mqtt-link.js'
import type { OutputLink } from './publisher-options.js'

/** The same link, with an ear on it: `heard` gets every message that is handed to the broker. */
export function tappedLink(link: MqttLink, heard: (message: OutgoingMessage) => void): OutputLink {
  return {
    get state() {
      return link.state
    },
    get mostUnacknowledged() {
      return link.mostUnacknowledged
    },
    onState: (listener) => link.onState(listener),
    start: () => link.start(),
    stop: () => link.stop(),
    hasten: () => link.hasten(),
    drop: (code, reason) => link.drop(code, reason),
    publish(message, done) {
      const sent = link.publish(message, done)
      if (sent) heard(message)
      return sent
    },
  }
}
