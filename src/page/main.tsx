import { render } from 'preact'
import { App } from './app.jsx'
import { followFleet } from './store/connect.js'
import { FleetStore } from './store/fleet-store.js'
import { applyTheme } from './theme.js'

applyTheme()
const store = new FleetStore(
  (paint) => void requestAnimationFrame(paint),
  () => Date.now(),
)
followFleet(store)
const page = document.getElementById('page')
if (page) {
  page.replaceChildren()
  render(<App store={store} />, page)
}
