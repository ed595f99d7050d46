import type * as z from 'zod'
import { list, path, serverFiles, strict, text, whole } from './leaves.js'

const tlsSchema = strict({
  ...serverFiles(),
}).meta({ description: 'Makes it https:; needed where other machines are to reach it.' })

const metricsSchema = strict({
  token_file: path('the path of a file with the token').optional().meta({
    description: 'File with a token in one line that opens the metrics and nothing else.',
  }),
  devices: whole(0, 100_000).default(1000).meta({
    description: 'Most devices that have series of their own; where there are more, none has.',
  }),
}).meta({ description: 'What Prometheus reads at /metrics.' })

const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/

/** The window: dashboard, metrics, probes. */
export const httpSchema = strict({
  host: text(/^\S{1,255}$/, 'an address such as 127.0.0.1')
    .default('127.0.0.1')
    .meta({
      description:
        'The address to listen on; with tls and token_file also one that other machines reach, such as 0.0.0.0.',
    }),
  port: whole(0, 65_535).default(8080).meta({ description: 'The TCP port; 0 takes any free one.' }),
  tls: tlsSchema.optional(),
  token_file: path('the path of a file with the token')
    .optional()
    .meta({
      description:
        'File with a token in one line: who looks in has to show it; without it, every program on this machine may look in.',
      examples: ['/etc/alec-bridge/http-token'],
    }),
  admin_token_file: path('the path of a file with the token')
    .optional()
    .meta({
      description:
        'File with another token in one line: who shows it may change devices, the configuration and the log; without it nothing can be changed over HTTP.',
      examples: ['/etc/alec-bridge/http-admin-token'],
    }),
  metrics: metricsSchema.prefault({}),
  hosts: list(text(HOST_NAME, 'a host name'), 'a list of host names')
    .optional()
    .meta({
      description:
        'Further names by which browsers may reach it, as behind a reverse proxy; addresses, localhost and the host name are known.',
      examples: [['gateway.example']],
    }),
}).meta({
  description: 'The dashboard and the metrics, served over HTTP; only where this section is there.',
})

export type HttpInput = z.output<typeof httpSchema>
