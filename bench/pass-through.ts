import { connectAsync } from 'mqtt'

/**
 * What a bridge that decodes nothing costs: one plain MQTT.js client that subscribes to frames and publishes each payload
 * again as it came, on the device's topic of readings. Runs until it is killed.
 *
 * node dist/bench/pass-through.js URL QOS
 */
const [url = 'mqtt://127.0.0.1:1883', level = '0'] = process.argv.slice(2)
const qos = level === '1' ? 1 : 0
const client = await connectAsync(url, { clientId: 'pass-through' })
client.on('message', (topic, payload) => {
  client.publish(topic.replace(/frame$/, 'readings'), payload, { qos })
})
await client.subscribeAsync('alec/+/frame', { qos })
process.stdout.write('ready\n')
