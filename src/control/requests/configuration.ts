import { choice, LOG_LEVELS, LOG_PARTS, strict } from '../../config/index.js'
import { changed, done, refused, request } from './request.js'

/** The configuration is read again, and what has changed is applied. */
export const reload = request({
  verb: 'reload',
  changes: true,
  shape: strict({}),
  handle: async (_input, { changes }) => changed(await changes.reload()),
})

/** The level of the log, or of one part of it; until the next start, or until the configuration says another one. */
export const logLevel = request({
  verb: 'log/level',
  changes: true,
  shape: strict({
    level: choice([...LOG_LEVELS, 'default']),
    part: choice(LOG_PARTS).optional(),
  }),
  handle: ({ level, part }, { logLevels }) => {
    if (!logLevels) return refused('the log of this program has no levels that can be set')
    if (level === 'default' && part === undefined)
      return refused('level: default is for a part: it has the level of the others then')
    logLevels.set(level === 'default' ? undefined : level, part)
    return done(logLevels.describe())
  },
})
