export { get, type Route, type Visit } from './route.js'
export type { FleetView, SessionView, SourceView, Views } from './views.js'
export { Window, type WindowOptions } from './window.js'
