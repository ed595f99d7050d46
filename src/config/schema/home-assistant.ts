import type * as z from 'zod'
import { flag, plainTopic, strict } from './leaves.js'

export const homeAssistantSchema = strict({
  enabled: flag().default(true).meta({
    description: 'false takes back what was announced before.',
  }),
  discovery_prefix: plainTopic()
    .default('homeassistant')
    .meta({ description: 'The topic below which Home Assistant looks for devices.' }),
  status_topic: plainTopic().optional().meta({
    description:
      'Where Home Assistant says online; every device is announced again then. Default: <discovery_prefix>/status.',
  }),
}).meta({
  description:
    'Tells Home Assistant of every device, its channels and how it is; without this section, nothing.',
})

export type HomeAssistantInput = z.output<typeof homeAssistantSchema>
