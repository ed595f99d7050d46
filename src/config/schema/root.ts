import * as z from 'zod'
import { ID } from '../../names.js'
import { brokerSchema } from './broker.js'
import { clusterSchema } from './cluster.js'
import { homeAssistantSchema } from './home-assistant.js'
import { httpSchema } from './http.js'
import { choice, id, label, list, mapOf, path, plainTopic, strict } from './leaves.js'
import { modelSchema } from './model.js'
import {
  bridgeSchema,
  journalSchema,
  limitsSchema,
  logSchema,
  outputsSchema,
  resyncSchema,
  statusSchema,
} from './settings.js'
import { sourceSchema } from './source.js'

export const deviceSchema = strict({
  model: id().meta({ description: 'One of models.' }),
  name: label(128).optional().meta({ description: 'A name for people.' }),
})

/** The one schema of the configuration: what it accepts, its defaults, and what editors show. */
export const rootSchema = strict({
  version: z.literal(1, { error: '1, the version of this format' }).meta({
    description: 'The version of this format: 1.',
  }),
  base_topic: plainTopic()
    .default('alec')
    .meta({ description: 'The first level, or levels, of every topic that the bridge publishes.' }),
  bridge: bridgeSchema.prefault({}),
  broker: brokerSchema.prefault({}),
  state_dir: path('the path of a directory')
    .optional()
    .meta({ description: 'Where the bridge keeps what it learns; relative to this file.' }),
  outputs: outputsSchema.prefault({}),
  status: statusSchema.prefault({}),
  resync: resyncSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  log: logSchema.prefault({}),
  models: mapOf(ID, modelSchema, 'a map of models')
    .default({})
    .meta({ description: 'The kinds of devices, by name.' }),
  sources: list(sourceSchema, 'a list of sources')
    .default([])
    .meta({ description: 'The doors that frames come in by.' }),
  devices: mapOf(ID, deviceSchema, 'a map of devices')
    .default({})
    .meta({ description: 'The devices, by the id that stands in their topics.' }),
  unknown_devices: choice(['ignore', 'announce', 'accept']).default('announce').meta({
    description:
      'Devices that are not declared: ignored, announced in the log and the status of the bridge, or decoded with default_model.',
  }),
  default_model: id()
    .optional()
    .meta({ description: 'The model of undeclared devices, with unknown_devices: accept.' }),
  journal: journalSchema.prefault({}),
  http: httpSchema.optional(),
  homeassistant: homeAssistantSchema.optional(),
  cluster: clusterSchema.optional(),
})

export type ConfigurationInput = z.output<typeof rootSchema>
export type DeviceInput = z.output<typeof deviceSchema>
